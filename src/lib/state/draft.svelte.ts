import { BODY_LIMIT } from '$lib/contract/generate'
import type { Recipe } from '$lib/contract/recipe'
import { readOption, wantsOf, type OptionName, type Options } from '$lib/contract/options'
import { readDraft, readDraftImages, type KeptDraft } from './kept'
import { MOST_KEPT, type Picture } from './pictures'
import { forgetStored, keepStored, readStored } from './stored'
import { number } from './words'
import { base64In, faultsIn, NO_INPUTS, recipeOf, type Abilities, type Faults, type Inputs, type Turn } from './written'

const KEEP_AFTER_MS = 300
/** Bytes of what is written; the rest of the request's body is for what stands around it. */
const TEXT_LIMIT = BODY_LIMIT - 20_000

/** The recipe as it is being written. Kept on this device, also while the home is down. */
class Draft {
  model = $state('')
  prompt = $state('')
  system = $state('')
  /** What was typed for each option; an empty field is the default and is not sent. */
  options = $state<Partial<Record<OptionName, string>>>({})
  think = $state<Inputs['think']>('')
  tools = $state('')
  format = $state<Inputs['format']>('text')
  schema = $state('')
  keepAlive = $state('')
  strict = $state(false)
  logprobs = $state(false)
  pictures = $state.raw<Picture[]>([])
  turns = $state<Turn[]>([])
  isKept = $state(true)
  /** Images are large; where they do not fit, the rest of the draft is kept all the same. */
  areImagesKept = $state(true)

  changed = $derived(Object.entries(this.options).filter(([, text]) => text.trim() !== '') as [OptionName, string][])
  /** As they are sent: a line break and a quotation mark take two. */
  bytes = $derived(new TextEncoder().encode(JSON.stringify([this.prompt, this.system, this.tools, this.schema, textsOf(this.turns)])).byteLength) // prettier-ignore

  #timer: ReturnType<typeof setTimeout> | undefined
  #keptImages = ''

  load() {
    const kept = readDraft(readStored('draft'))
    if (!kept) return
    const { model, prompt, system, ...rest } = kept
    const { pictures, ofTurns } = readDraftImages(readStored('draft-images'))
    Object.assign(this, rest, { pictures })
    this.turns = rest.turns.map((turn, nth) => ({ ...turn, ...(ofTurns[nth] ? { images: ofTurns[nth] } : {}) }))
    this.#keptImages = this.#imagesKey
    // What was typed before the scripts ran is newer than what was kept.
    this.model ||= model
    this.prompt ||= prompt
    this.system ||= system
  }

  /** Called on every change; writes a moment later, and at once when the page is left. */
  keep(now = false) {
    clearTimeout(this.#timer)
    if (now) this.#write()
    else this.#timer = setTimeout(() => this.#write(), KEEP_AFTER_MS)
  }

  #write() {
    const { model, prompt, system, options, think, tools, format, schema, keepAlive, strict, logprobs } = this
    const kept = { model, prompt, system, options, think, tools, format, schema, keepAlive, strict, logprobs }
    const draft = { ...kept, turns: this.turns.map(({ images: _, ...turn }) => turn) } satisfies KeptDraft
    this.isKept = keepStored('draft', draft)
    if (!this.isKept) {
      // Words are worth more than pictures.
      forgetStored('draft-images')
      this.#keptImages = ''
      this.isKept = keepStored('draft', draft)
    }
    this.#writeImages()
  }

  #writeImages() {
    const key = this.#imagesKey
    if (key === this.#keptImages) return
    const { pictures } = this
    const ofTurns = this.turns.map(({ images }) => images ?? null)
    this.areImagesKept =
      base64In(pictures, this.turns) <= MOST_KEPT && keepStored('draft-images', { pictures, ofTurns })
    if (!this.areImagesKept) forgetStored('draft-images')
    this.#keptImages = key
  }

  /** Changes when the images do, and costs little to look at. */
  get #imagesKey(): string {
    const ofTurns = this.turns.map(({ images = [] }) => images.map(({ length }) => length).join('+')).join('|')
    return `${this.pictures.map(({ name, base64 }) => `${name} ${base64.length}`).join('|')}#${ofTurns}`
  }

  /** What is wrong with an option, or `null`. */
  optionError(name: OptionName): string | null {
    const text = this.options[name]?.trim() ?? ''
    return text === '' || readOption(name, text) !== null ? null : `${name} must be ${wantsOf(name)}.`
  }

  /** The option values to send: only those that were changed. */
  get optionValues(): Options {
    return Object.fromEntries(this.changed.map(([name, text]) => [name, readOption(name, text)]))
  }

  /** What keeps it from being sent, by field. */
  faults(abilities: Abilities | undefined): Faults {
    const found = faultsIn(this.#written, abilities)
    if (this.bytes <= TEXT_LIMIT) return found
    const prompt = `This is ${number(this.bytes)} bytes; at most ${number(TEXT_LIMIT)} can be sent. Shorten it; it stays here.`
    return { ...found, prompt }
  }

  recipe(abilities: Abilities | undefined) {
    return recipeOf(this.#written, abilities)
  }

  get #written() {
    const { model, prompt, system, think, tools, format, schema, keepAlive, strict, logprobs, pictures } = this
    const texts = { model, prompt, system, tools, schema, keepAlive }
    const turns = $state.snapshot(this.turns) as Turn[]
    // Each is of the kind that its name asks for: that is how it was read.
    const options = this.optionValues as Recipe['options'] & object
    return { ...NO_INPUTS, ...texts, think, format, strict, logprobs, pictures, turns, options }
  }
}

const textsOf = (turns: readonly Turn[]) => turns.map(({ images: _, ...turn }) => turn)

export const draft = new Draft()
