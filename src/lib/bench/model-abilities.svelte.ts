import * as v from 'valibot'
import type { Model } from '$lib/contract/llm'
import { home } from '../home/home.svelte'
import { keepStored, readStored } from '../storage'
import type { Abilities } from './draft-recipe'

const Stored = v.record(
  v.string(),
  v.object({
    capabilities: v.array(v.string()),
    thinking: v.nullable(v.picklist(['switch', 'levels'])),
  }),
)

/** The latest known abilities are saved, so that no input disappears while the home is unreachable. */
class KnownAbilities {
  #stored = $state.raw<Readonly<Record<string, Abilities>>>({})

  load() {
    const { success, output } = v.safeParse(Stored, readStored('abilities'))
    if (success) this.#stored = output
  }

  /** Called when the models are known. */
  learn(models: readonly Model[]) {
    // An empty list means that Ollama did not report them.
    const reported = models.filter(({ capabilities }) => capabilities.length > 0)
    if (reported.length === 0) return
    const stored = Object.fromEntries(
      reported.map(({ name, capabilities, thinking }) => [name, { capabilities, thinking }]),
    )
    this.#stored = stored
    keepStored('abilities', stored)
  }

  /** `undefined`: unknown. */
  of(model: string): Abilities | undefined {
    const listed = home.models.find(
      ({ name, capabilities }) => name === model && capabilities.length > 0,
    )
    return listed ?? this.#stored[model]
  }
}

export const abilities = new KnownAbilities()
