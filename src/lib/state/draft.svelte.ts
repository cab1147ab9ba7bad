import { BODY_LIMIT } from '$lib/contract/generate'
import { OPTIONS, readOption, wantsOf, type OptionName, type Options } from '$lib/contract/options'
import { keepStored, readStored } from './stored'

interface Kept {
  model: string
  prompt: string
  system: string
  options: Partial<Record<OptionName, string>>
}

const EMPTY: Kept = { model: '', prompt: '', system: '', options: {} }
const KEEP_AFTER_MS = 300

/** The recipe as it is being written. Kept on this device, also while the home is down. */
class Draft {
  model = $state(EMPTY.model)
  prompt = $state(EMPTY.prompt)
  system = $state(EMPTY.system)
  /** What was typed for each option; an empty field is the default and is not sent. */
  options = $state<Partial<Record<OptionName, string>>>({})
  isKept = $state(true)

  changed = $derived(Object.entries(this.options).filter(([, text]) => text.trim() !== '') as [OptionName, string][])
  bytes = $derived(new TextEncoder().encode(this.prompt + this.system).byteLength)

  #timer: ReturnType<typeof setTimeout> | undefined

  load() {
    const kept = { ...EMPTY, ...readStored<Kept>('draft') }
    // What was typed before the scripts ran is newer than what was kept.
    this.model ||= kept.model
    this.prompt ||= kept.prompt
    this.system ||= kept.system
    this.options = Object.fromEntries(Object.entries(kept.options).filter(([name]) => name in OPTIONS))
  }

  /** Called on every change; writes a moment later, and at once when the page is left. */
  keep(now = false) {
    clearTimeout(this.#timer)
    const write = () => {
      const { model, prompt, system, options } = this
      this.isKept = keepStored('draft', { model, prompt, system, options })
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
    if (this.bytes < BODY_LIMIT * 0.98) return null
    return `This is ${(this.bytes / 1e6).toFixed(1)} MB; at most ${BODY_LIMIT / 1e6} MB can be sent. Shorten it; it stays here.`
  }
}

export const draft = new Draft()
