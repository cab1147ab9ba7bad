import { keepStored, readStored } from '../storage'

const STORAGE_KEY = 'choices'
type Kind = 'tunnel' | 'system' | 'place'

/** Which tunnel and which system the owner has at home, as chosen on this device. */
class Preferences {
  #names = $state.raw<Partial<Record<Kind, string>>>({})

  load() {
    const stored = readStored(STORAGE_KEY)
    // The names need no validation: one that is not on offer is not chosen.
    this.#names = typeof stored === 'object' && stored !== null ? stored : {}
  }

  /** The chosen one of these names; without a valid choice, the first. */
  among(kind: Kind, names: readonly string[]): string | undefined {
    const name = this.#names[kind]
    return name !== undefined && names.includes(name) ? name : names[0]
  }

  choose(kind: Kind, name: string) {
    this.#names = { ...this.#names, [kind]: name }
    keepStored(STORAGE_KEY, this.#names)
  }
}

export const preferences = new Preferences()
