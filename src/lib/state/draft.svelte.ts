import { BODY_LIMIT } from '$lib/contract/generate'
import { readOption, wantsOf, type OptionName } from '$lib/contract/options'
import type { Recipe } from '$lib/contract/recipe'
import { draftOf, recipeOf, type Extra } from './draft-recipe'
import { readDraft, readEarlier, type KeptDraft } from './kept'
import { keepStored, readStored } from './stored'
import { number } from './words'

const KEEP_AFTER_MS = 300
/** Bytes of the two texts; the rest of the request's body is for what stands around them. */
const TEXT_LIMIT = BODY_LIMIT - 20_000
const MOST_EARLIER = 5

/** The recipe as it is being written. Kept on this device, also while the home is down. */
class Draft {
  model = $state('')
  prompt = $state('')
  system = $state('')
  /** What was typed for each option; an empty field is the default and is not sent. */
  options = $state<Partial<Record<OptionName, string>>>({})
  /** What the recipe has beyond the fields. */
  extra = $state.raw<Extra>({})
  isKept = $state(true)
  /** Drafts that another recipe has taken the place of, the latest first. */
  earlier = $state.raw<KeptDraft[]>([])

  changed = $derived(Object.entries(this.options).filter(([, text]) => text.trim() !== '') as [OptionName, string][])
  /** As they are sent: a line break and a quotation mark take two. */
  bytes = $derived(new TextEncoder().encode(JSON.stringify(this.prompt) + JSON.stringify(this.system)).byteLength)

  #timer: ReturnType<typeof setTimeout> | undefined
  #isLoaded = false
  /** The recipe that was filled in last: unchanged, it is nothing that could be lost. */
  #filled = ''

  load() {
    if (this.#isLoaded) return
    this.#isLoaded = true
    const before = readEarlier(readStored('earlier'))
    if (before) [this.earlier, this.#filled] = [before.drafts, before.filled]
    const kept = readDraft(readStored('draft'))
    if (!kept) return
    // What was typed before the scripts ran is newer than what was kept.
    this.model ||= kept.model
    this.prompt ||= kept.prompt
    this.system ||= kept.system
    this.options = kept.options
    this.extra = (kept.extra ?? {}) as Extra
  }

  /** Another recipe takes the place of the draft. What was written is not lost: it can be brought back. */
  fill(recipe: Recipe) {
    this.load()
    const mine = this.#texts()
    const next = draftOf(recipe)
    if (isWritten(mine) && JSON.stringify(mine) !== this.#filled && JSON.stringify(mine) !== JSON.stringify(next))
      this.earlier = [mine, ...this.earlier].slice(0, MOST_EARLIER)
    this.#take(next)
  }

  /** The latest of the earlier drafts changes places with this one. */
  bringBack() {
    const [next, ...rest] = this.earlier
    const mine = this.#texts()
    if (!next) return
    this.earlier = isWritten(mine) ? [...rest, mine] : rest
    this.#take(next, false)
  }

  forgetEarlier() {
    this.earlier = []
    this.#keepEarlier()
  }

  #take(next: KeptDraft, isFilled = true) {
    const { extra, ...fields } = next
    Object.assign(this, fields, { extra: extra ?? {} })
    this.#filled = isFilled ? JSON.stringify(this.#texts()) : ''
    this.#keepEarlier()
    this.keep(true)
  }

  #keepEarlier() {
    keepStored('earlier', { drafts: this.earlier, filled: this.#filled })
  }

  #texts(): KeptDraft {
    const { model, prompt, system, extra } = this
    const options = Object.fromEntries(this.changed)
    return { model, prompt, system, options, ...(Object.keys(extra).length > 0 ? { extra } : {}) }
  }

  /** As it would be sent. */
  get recipe(): Recipe {
    return recipeOf(this.#texts())
  }

  /** Called on every change; writes a moment later, and at once when the page is left. */
  keep(now = false) {
    clearTimeout(this.#timer)
    const write = () => {
      this.isKept = keepStored('draft', this.#texts())
    }
    if (now) write()
    else this.#timer = setTimeout(write, KEEP_AFTER_MS)
  }

  /** What is wrong with an option, or `null`. */
  optionError(name: OptionName): string | null {
    const text = this.options[name]?.trim() ?? ''
    return text === '' || readOption(name, text) !== null ? null : `${name} must be ${wantsOf(name)}.`
  }

  get promptError(): string | null {
    if (this.prompt.trim() === '') return 'Write something first.'
    if (this.bytes <= TEXT_LIMIT) return null
    return `This is ${number(this.bytes)} bytes; at most ${number(TEXT_LIMIT)} can be sent. Shorten it; it stays here.`
  }
}

/** The model alone is chosen by the page itself. */
const isWritten = ({ prompt, system, extra }: KeptDraft) =>
  prompt.trim() !== '' || system.trim() !== '' || extra !== undefined

export const draft = new Draft()
