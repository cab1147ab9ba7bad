import { keepStored, readStored } from '../storage'

const KEY = 'choices'
type Kind = 'tunnel' | 'system' | 'place'

/** Which tunnel and which system the person has at home, as chosen on this device. */
class Chosen {
  #names = $state.raw<Partial<Record<Kind, string>>>({})

  load() {
    const kept = readStored(KEY)
    // Whatever else was kept: a name that is not on offer is not chosen.
    this.#names = typeof kept === 'object' && kept !== null ? kept : {}
  }

  /** The chosen one of these names; without a choice that fits, the first. */
  among(kind: Kind, names: readonly string[]): string | undefined {
    const name = this.#names[kind]
    return name !== undefined && names.includes(name) ? name : names[0]
  }

  choose(kind: Kind, name: string) {
    this.#names = { ...this.#names, [kind]: name }
    keepStored(KEY, this.#names)
  }
}

export const preferences = new Chosen()
