import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { EDITABLE, type GuestRequest, type Pass } from '../../src/lib/contract/shares.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import { CHARS_PER_TOKEN, LIMITS, recipeFor } from '../runs/recipe-limits.ts'
import { HttpProblem } from '../http/problem.ts'

/** The recipe that a guest may have carried out: the shared one, with their values in the fields that the pass leaves open. */
export function guestRecipe(
  shared: Recipe,
  pass: Pass,
  { run: _, model = shared.model, ...values }: GuestRequest,
): Recipe {
  const closed = EDITABLE.find(
    (name) => values[name] !== undefined && !pass.editable.includes(name),
  )
  if (closed) throw refuse(closed, 'may not be changed with this link')
  const allowed = pass.models.length > 0 ? pass.models : [shared.model]
  const known = allowed.find((one) => sameModel(one, model))
  if (known === undefined) throw refuse('model', 'may not be used with this link')
  const characters = pass.contextLength * CHARS_PER_TOKEN
  // Pictures are the owner's own: a guest cannot send any.
  const limits = {
    ...LIMITS.guest,
    tokens: pass.maxTokens,
    characters,
    images: Infinity,
    messages: Infinity,
  }
  return recipeFor('guest', { ...filled(safeParts(shared), values), model: known }, limits)
}

/** What a guest's run takes over of the shared recipe. The rest would touch the home beyond this one answer. */
function safeParts({
  model,
  prompt,
  messages,
  system,
  options,
  format,
  think,
  images,
}: Recipe): Recipe {
  const parts = { prompt, messages, system, options, format, think, images }
  const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
  return { model, ...given }
}

type Values = Pick<GuestRequest, 'prompt' | 'system' | 'temperature' | 'top_p' | 'seed'>

function filled(recipe: Recipe, { prompt, system, ...options }: Values): Recipe {
  const own = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const changed = { ...recipe, options: { ...recipe.options, ...own } }
  if (recipe.messages === undefined)
    return {
      ...changed,
      ...(prompt === undefined ? {} : { prompt }),
      ...(system === undefined ? {} : { system }),
    }
  return { ...changed, messages: spoken(recipe.messages, prompt, system) }
}

/** In a conversation the prompt is the last thing that was asked. */
function spoken(messages: NonNullable<Recipe['messages']>, prompt?: string, system?: string) {
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const changed = messages.map((message, at) =>
    at === asked && prompt !== undefined ? { ...message, content: prompt } : message,
  )
  if (system === undefined) return changed
  return [
    { role: 'system' as const, content: system },
    ...changed.filter(({ role }) => role !== 'system'),
  ]
}

const refuse = (path: string, message: string) =>
  new HttpProblem('invalid', `${path} ${message}.`, { errors: [{ path, message }] })
