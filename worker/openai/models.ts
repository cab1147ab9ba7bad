import type { InstalledModel } from '../../src/lib/contract/llm.ts'

/** A model as OpenAI lists it. `owned_by` is the publisher in the model's name. */
export function modelObject({ name, modifiedAt }: InstalledModel) {
  const publisher = name.split('/').slice(0, -1).at(-1) ?? 'library'
  const created = Math.floor(Date.parse(modifiedAt ?? '') / 1000)
  return {
    id: name,
    object: 'model',
    created: Number.isNaN(created) ? 0 : created,
    owned_by: publisher,
  }
}
