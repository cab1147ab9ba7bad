import { BODY_LIMIT } from '$lib/contract/generate'
import type { Recipe } from '$lib/contract/recipe'
import { readOption, wantsOf, type OptionName } from '$lib/contract/options'
import { draftOf, optionValues, withExtra, type Extra, type Fields } from './draft-recipe'
import { readDraft, readDraftImages, readEarlier, type KeptDraft } from './persisted-schemas'
import { MOST_KEPT, type Picture } from './image-limits'
import { forgetStored, keepStored, readStored } from '../storage'
import { number } from '../format'
import {
  base64In,
  faultsIn,
  recipeOf,
  type Abilities,
  type Faults,
  type Inputs,
  type Turn,
  type Written,
} from './draft-validation'

const KEEP_AFTER_MS = 300
const MOST_EARLIER = 5
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
  /** What the recipe has beyond the fields. */
  extra = $state.raw<Extra>({})
  /** Drafts that another recipe has taken the place of, the latest first. */
  earlier = $state.raw<Fields[]>([])
  isKept = $state(true)
  /** Images are large; where they do not fit, the rest of the draft is kept all the same. */
  areImagesKept = $state(true)

  changed = $derived(
    Object.entries(this.options).filter(([, text]) => text.trim() !== '') as [OptionName, string][],
  )
  /** As they are sent: a line break and a quotation mark take two. */
  bytes = $derived(
    new TextEncoder().encode(
      JSON.stringify([this.prompt, this.system, this.tools, this.schema, textsOf(this.turns)]),
    ).byteLength,
  )

  #timer: ReturnType<typeof setTimeout> | undefined
  #keptImages = ''
  #isLoaded = false
  /** The recipe that was filled in last: unchanged, it is nothing that could be lost. */
  #filled = ''

  load() {
    if (this.#isLoaded) return
    this.#isLoaded = true
    const before = readEarlier(readStored('earlier'))
    if (before) [this.earlier, this.#filled] = [before.drafts.map(fieldsOf), before.filled]
    const kept = readDraft(readStored('draft'))
    if (!kept) return
    const { model, prompt, system, ...rest } = fieldsOf(kept)
    const { pictures, ofTurns } = readDraftImages(readStored('draft-images'))
    Object.assign(this, rest, { pictures })
    this.turns = rest.turns.map((turn, nth) => ({
      ...turn,
      ...(ofTurns[nth] ? { images: ofTurns[nth] } : {}),
    }))
    this.#keptImages = this.#imagesKey
    // What was typed before the scripts ran is newer than what was kept.
    this.model ||= model
    this.prompt ||= prompt
    this.system ||= system
  }

  /** Another recipe takes the place of the draft. What was written is not lost: it can be brought back. */
  fill(recipe: Recipe) {
    this.load()
    const mine = this.#fields
    const next = draftOf(recipe)
    if (isWritten(mine) && markOf(mine) !== this.#filled && markOf(mine) !== markOf(next))
      this.earlier = [mine, ...this.earlier].slice(0, MOST_EARLIER)
    this.#take(next)
  }

  /** The latest of the earlier drafts changes places with this one. */
  bringBack() {
    const [next, ...rest] = this.earlier
    const mine = this.#fields
    if (!next) return
    this.earlier = isWritten(mine) ? [...rest, mine] : rest
    this.#take(next, false)
  }

  forgetEarlier() {
    this.earlier = []
    this.#keepEarlier()
  }

  #take(next: Fields, isFilled = true) {
    Object.assign(this, next)
    this.#filled = isFilled ? markOf(this.#fields) : ''
    this.#keepEarlier()
    this.keep(true)
  }

  /** Their images stay only as long as this page: there is not room for many. */
  #keepEarlier() {
    keepStored('earlier', { drafts: this.earlier.map(textsAlone), filled: this.#filled })
  }

  /** Called on every change; writes a moment later, and at once when the page is left. */
  keep(now = false) {
    clearTimeout(this.#timer)
    if (now) this.#write()
    else this.#timer = setTimeout(() => this.#write(), KEEP_AFTER_MS)
  }

  #write() {
    const draft: KeptDraft = textsAlone(this.#fields)
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
      base64In(pictures, this.turns) <= MOST_KEPT &&
      keepStored('draft-images', { pictures, ofTurns })
    if (!this.areImagesKept) forgetStored('draft-images')
    this.#keptImages = key
  }

  /** Changes when the images do, and costs little to look at. */
  get #imagesKey(): string {
    const ofTurns = this.turns
      .map(({ images = [] }) => images.map(({ length }) => length).join('+'))
      .join('|')
    return `${this.pictures.map(({ name, base64 }) => `${name} ${base64.length}`).join('|')}#${ofTurns}`
  }

  /** What is wrong with an option, or `null`. */
  optionError(name: OptionName): string | null {
    const text = this.options[name]?.trim() ?? ''
    return text === '' || readOption(name, text) !== null
      ? null
      : `${name} must be ${wantsOf(name)}.`
  }

  /** What keeps it from being sent, by field. */
  faults(abilities: Abilities | undefined): Faults {
    const found = faultsIn(this.#written, abilities)
    if (this.bytes <= TEXT_LIMIT) return found
    const prompt = `This is ${number(this.bytes)} bytes; at most ${number(TEXT_LIMIT)} can be sent. Shorten it; it stays here.`
    return { ...found, prompt }
  }

  recipe(abilities: Abilities | undefined): Recipe {
    return withExtra(recipeOf(this.#written, abilities), this.extra)
  }

  /** As it stands in the fields. */
  get #fields(): Fields {
    const {
      model,
      prompt,
      system,
      think,
      tools,
      format,
      schema,
      keepAlive,
      strict,
      logprobs,
      pictures,
      extra,
    } = this
    const texts = { model, prompt, system, tools, schema, keepAlive }
    const turns = $state.snapshot(this.turns) as Turn[]
    return {
      ...texts,
      think,
      format,
      strict,
      logprobs,
      pictures,
      turns,
      extra,
      options: Object.fromEntries(this.changed),
    }
  }

  get #written(): Written {
    return { ...this.#fields, options: optionValues(this.options) }
  }
}

/** The model alone is chosen by the page itself. */
const isWritten = ({ prompt, system, turns, pictures, tools, schema }: Fields) =>
  [prompt, system, tools, schema].some((text) => text.trim() !== '') ||
  turns.length > 0 ||
  pictures.length > 0

const textsOf = (turns: readonly Turn[]) => turns.map(({ images: _, ...turn }) => turn)

/** Everything but the images. */
const textsAlone = ({ pictures: _, turns, ...fields }: Fields): KeptDraft => ({
  ...fields,
  turns: textsOf(turns),
})

const fieldsOf = ({ extra, ...kept }: KeptDraft): Fields => ({
  ...kept,
  pictures: [],
  extra: extra ?? {},
})

/** Tells whether two drafts are the same, without looking into images. */
const markOf = ({ pictures, ...fields }: Fields) =>
  JSON.stringify([textsAlone({ ...fields, pictures }), pictures.map(({ base64 }) => base64.length)])

export const draft = new Draft()
