import type { Facts } from './facts.ts'
import { nearestNames, sameBase } from './names.ts'
import type { ReasonName } from './reasons/index.ts'

/** The reason for a missing model, with the installed names that were probably meant. */
export function explainMissing(
  model: string,
  models: readonly string[],
): { reason: ReasonName; facts: Facts } {
  const near = nearestNames(model, models)
  const sameTags = near.filter((name) => sameBase(name, model))
  const [first] = sameTags
  const facts = {
    model,
    nearest: near.length ? ` Nearest: ${near.join(', ')}.` : '',
    ...(first ? { first } : {}),
  }
  return { reason: first ? 'model_wrong_tag' : 'model_not_installed', facts }
}
