import * as v from 'valibot'
import type { Model } from '$lib/contract/llm'
import { home } from '../home/home.svelte'
import { keepStored, readStored } from '../storage'
import type { Abilities } from './draft-recipe'

const Kept = v.record(
  v.string(),
  v.object({
    capabilities: v.array(v.string()),
    thinking: v.nullable(v.picklist(['switch', 'levels'])),
  }),
)

/** What each model can do, as last heard: an input does not vanish while the home is away. */
class KnownAbilities {
  #kept = $state.raw<Readonly<Record<string, Abilities>>>({})

  load() {
    const { success, output } = v.safeParse(Kept, readStored('abilities'))
    if (success) this.#kept = output
  }

  /** Called when the models are known. */
  learn(models: readonly Model[]) {
    // Of a model without capabilities nothing was told.
    const told = models.filter(({ capabilities }) => capabilities.length > 0)
    if (told.length === 0) return
    const kept = Object.fromEntries(
      told.map(({ name, capabilities, thinking }) => [name, { capabilities, thinking }]),
    )
    this.#kept = kept
    keepStored('abilities', kept)
  }

  /** `undefined`: not known. */
  of(model: string): Abilities | undefined {
    const listed = home.models.find(
      ({ name, capabilities }) => name === model && capabilities.length > 0,
    )
    return listed ?? this.#kept[model]
  }
}

export const abilities = new KnownAbilities()
