import { BODY_LIMIT } from '$lib/contract/generate'
import { readOption, wantsOf, type OptionName, type Options } from '$lib/contract/options'
import { readDraft, type KeptDraft } from './kept'
import { keepStored, readStored } from './stored'
import { number } from './words'

const KEEP_AFTER_MS = 300
/** Bytes of the two texts; the rest of the request's body is for what stands around them. */
const TEXT_LIMIT = BODY_LIMIT - 20_000

/** The recipe as it is being written. Kept on this device, also while the home is down. */
class Draft {
  model = $state('')
  prompt = $state('')
  system = $state('')
  /** What was typed for each option; an empty field is the default and is not sent. */
  options = $state<Partial<Record<OptionName, string>>>({})
  isKept = $state(true)

  changed = $derived(Object.entries(this.options).filter(([, text]) => text.trim() !== '') as [OptionName, string][])
  /** As they are sent: a line break and a quotation mark take two. */
  bytes = $derived(new TextEncoder().encode(JSON.stringify(this.prompt) + JSON.stringify(this.system)).byteLength)

  #timer: ReturnType<typeof setTimeout> | undefined

  load() {
    const kept = readDraft(readStored('draft'))
    if (!kept) return
    // What was typed before the scripts ran is newer than what was kept.
    this.model ||= kept.model
    this.prompt ||= kept.prompt
    this.system ||= kept.system
    this.options = kept.options
  }

  /** Called on every change; writes a moment later, and at once when the page is left. */
  keep(now = false) {
    clearTimeout(this.#timer)
    const write = () => {
      const { model, prompt, system, options } = this
      this.isKept = keepStored('draft', { model, prompt, system, options } satisfies KeptDraft)
    }
    if (now) write()
    else this.#timer = setTimeout(write, KEEP_AFTER_MS)
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

  get promptError(): string | null {
    if (this.prompt.trim() === '') return 'Write something first.'
    if (this.bytes <= TEXT_LIMIT) return null
    return `This is ${number(this.bytes)} bytes; at most ${number(TEXT_LIMIT)} can be sent. Shorten it; it stays here.`
  }
}

export const draft = new Draft()
