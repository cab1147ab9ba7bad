import { BODY_LIMIT } from '$lib/contract/generate'
import type { Recipe } from '$lib/contract/recipe'
import { readOption, wantsOf, type OptionName } from '$lib/contract/options'
import type { DraftFields, Turn } from './draft-fields'
import { fieldsOf, recipeOf, type Abilities } from './draft-recipe'
import { base64Length, faultsIn, type Faults } from './draft-validation'
import { readDraft, readDraftImages, readEarlier, type StoredDraft } from './persisted-schemas'
import { MAX_SAVED_BASE64 } from './image-limits'
import { forgetStored, keepStored, readStored } from '../storage'
import { number } from '../format'

const SAVE_DELAY_MS = 300
const MAX_EARLIER = 5
/** In bytes. The rest of the body is for the JSON around the texts. */
const TEXT_LIMIT = BODY_LIMIT - 20_000

/** The recipe that is being written. It is saved on this device, so it survives a reload and works while the home is down. */
class Draft implements DraftFields {
  model = $state('')
  prompt = $state('')
  system = $state('')
  options = $state<DraftFields['options']>({})
  think = $state<DraftFields['think']>('')
  tools = $state('')
  format = $state<DraftFields['format']>('text')
  schema = $state('')
  keepAlive = $state('')
  strict = $state(false)
  logprobs = $state(false)
  pictures = $state.raw<DraftFields['pictures']>([])
  turns = $state<Turn[]>([])
  extra = $state.raw<DraftFields['extra']>({})
  /** Drafts that a filled-in recipe has replaced, the latest first. */
  earlier = $state.raw<DraftFields[]>([])
  isSaved = $state(true)
  /** Images may exceed the storage while the rest of the draft still fits. */
  areImagesSaved = $state(true)
  changed = $derived(
    Object.entries(this.options).filter(([, text]) => text.trim() !== '') as [OptionName, string][],
  )
  /** In JSON, where line breaks and quotation marks take two bytes. */
  bytes = $derived(
    new TextEncoder().encode(
      JSON.stringify([this.prompt, this.system, this.tools, this.schema, textsOf(this.turns)]),
    ).byteLength,
  )
  #timer: ReturnType<typeof setTimeout> | undefined
  #savedImages = ''
  #isLoaded = false
  /** The signature of the recipe that was filled in last. Unchanged, it need not be kept as an earlier draft. */
  #filled = ''

  load() {
    if (this.#isLoaded) return
    this.#isLoaded = true
    const before = readEarlier(readStored('earlier'))
    if (before) {
      this.earlier = before.drafts.map(fieldsFrom)
      this.#filled = before.filled
    }
    const stored = readDraft(readStored('draft'))
    if (stored) this.#restore(fieldsFrom(stored))
  }

  #restore(stored: DraftFields) {
    const { pictures, ofTurns } = readDraftImages(readStored('draft-images'))
    this.#show({
      ...stored,
      pictures,
      turns: stored.turns.map((turn, index) => ({
        ...turn,
        ...(ofTurns[index] ? { images: ofTurns[index] } : {}),
      })),
      // What was typed before the scripts ran is newer than the stored draft.
      model: this.model || stored.model,
      prompt: this.prompt || stored.prompt,
      system: this.system || stored.system,
    })
    this.#savedImages = this.#imagesKey
  }

  /** Replaces the draft. Unless it is empty, the old one can be restored. */
  fill(recipe: Recipe) {
    this.load()
    const current = this.#fields
    const next = fieldsOf(recipe)
    const signature = signatureOf(current)
    if (hasContent(current) && signature !== this.#filled && signature !== signatureOf(next))
      this.earlier = [current, ...this.earlier].slice(0, MAX_EARLIER)
    this.#replace(next)
    this.#filled = signatureOf(this.#fields)
    this.#saveEarlier()
  }

  /** Swaps the draft with the latest of the earlier ones. */
  restoreEarlier() {
    const [next, ...rest] = this.earlier
    if (!next) return
    const current = this.#fields
    this.earlier = hasContent(current) ? [...rest, current] : rest
    this.#replace(next)
    this.#filled = ''
    this.#saveEarlier()
  }

  deleteEarlier() {
    this.earlier = []
    this.#saveEarlier()
  }

  #replace(next: DraftFields) {
    this.#show(next)
    this.save(true)
  }

  /** Without images, for which there is not enough storage. */
  #saveEarlier() {
    keepStored('earlier', { drafts: this.earlier.map(withoutImages), filled: this.#filled })
  }

  /** Writes a moment later, so that typing stays fast; with `now` at once, for a page that is being left. */
  save(now = false) {
    clearTimeout(this.#timer)
    if (now) this.#write()
    else this.#timer = setTimeout(() => this.#write(), SAVE_DELAY_MS)
  }

  #write() {
    const stored = withoutImages(this.#fields)
    this.isSaved = keepStored('draft', stored)
    if (!this.isSaved) {
      // The texts matter more than the images.
      forgetStored('draft-images')
      this.#savedImages = ''
      this.isSaved = keepStored('draft', stored)
    }
    this.#writeImages()
  }

  #writeImages() {
    const key = this.#imagesKey
    if (key === this.#savedImages) return
    const { pictures } = this
    const ofTurns = this.turns.map(({ images }) => images ?? null)
    this.areImagesSaved =
      base64Length(pictures, this.turns) <= MAX_SAVED_BASE64 &&
      keepStored('draft-images', { pictures, ofTurns })
    if (!this.areImagesSaved) forgetStored('draft-images')
    this.#savedImages = key
  }

  /** Changes with the images, and is cheap to compare. */
  get #imagesKey(): string {
    const ofTurns = this.turns
      .map(({ images = [] }) => images.map(({ length }) => length).join('+'))
      .join('|')
    return `${this.pictures.map(({ name, base64 }) => `${name} ${base64.length}`).join('|')}#${ofTurns}`
  }

  optionError(name: OptionName): string | null {
    const text = this.options[name]?.trim() ?? ''
    return text === '' || readOption(name, text) !== null
      ? null
      : `${name} must be ${wantsOf(name)}.`
  }

  faults(abilities: Abilities | undefined): Faults {
    const faults = faultsIn(this.#fields, abilities)
    if (this.bytes <= TEXT_LIMIT) return faults
    const prompt = `This is ${number(this.bytes)} bytes; at most ${number(TEXT_LIMIT)} can be sent. Shorten it.`
    return { ...faults, prompt }
  }

  recipe(abilities: Abilities | undefined): Recipe {
    return recipeOf(this.#fields, abilities)
  }

  get #fields(): DraftFields {
    const { model, prompt, system, think, tools, format, schema, keepAlive } = this
    const { strict, logprobs, pictures, extra } = this
    return {
      model,
      prompt,
      system,
      options: Object.fromEntries(this.changed),
      think,
      tools,
      format,
      schema,
      keepAlive,
      strict,
      logprobs,
      pictures,
      turns: $state.snapshot(this.turns),
      extra,
    }
  }

  #show(fields: DraftFields) {
    this.model = fields.model
    this.prompt = fields.prompt
    this.system = fields.system
    this.options = fields.options
    this.think = fields.think
    this.tools = fields.tools
    this.format = fields.format
    this.schema = fields.schema
    this.keepAlive = fields.keepAlive
    this.strict = fields.strict
    this.logprobs = fields.logprobs
    this.pictures = fields.pictures
    this.turns = fields.turns
    this.extra = fields.extra
  }
}

/** The model does not count, because the page chooses one by itself. */
const hasContent = ({ prompt, system, turns, pictures, tools, schema }: DraftFields) =>
  [prompt, system, tools, schema].some((text) => text.trim() !== '') ||
  turns.length > 0 ||
  pictures.length > 0

const textsOf = (turns: readonly Turn[]) => turns.map(({ images: _, ...turn }) => turn)

const withoutImages = ({ pictures: _, turns, ...fields }: DraftFields): StoredDraft => ({
  ...fields,
  turns: textsOf(turns),
})

const fieldsFrom = ({ extra = {}, ...stored }: StoredDraft): DraftFields => ({
  ...stored,
  pictures: [],
  extra,
})

/** Equal for equal drafts. Of the images it compares the sizes only. */
const signatureOf = (fields: DraftFields) =>
  JSON.stringify([withoutImages(fields), fields.pictures.map(({ base64 }) => base64.length)])

export const draft = new Draft()
