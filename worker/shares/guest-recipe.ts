import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { EDITABLE, type GuestRequest, type Pass } from '../../src/lib/contract/shares.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import { CHARS_PER_TOKEN } from '../../src/lib/contract/tokens.ts'
import { LIMITS, recipeFor } from '../runs/recipe-limits.ts'
import { HttpProblem } from '../http/problem.ts'
import { definedOnly } from './defined-only.ts'

/** The recipe that a guest runs: the shared one, with the guest’s values in the fields that the pass lets guests edit. */
export function guestRecipe(
  shared: Recipe,
  pass: Pass,
  { run: _, model = shared.model, ...values }: GuestRequest,
): Recipe {
  const locked = EDITABLE.find(
    (name) => values[name] !== undefined && !pass.editable.includes(name),
  )
  if (locked) throw invalid(locked, 'may not be changed with this link')
  const allowed = pass.models.length > 0 ? pass.models : [shared.model]
  const allowedModel = allowed.find((one) => sameModel(one, model))
  if (allowedModel === undefined) throw invalid('model', 'may not be used with this link')
  // Guests cannot send images: the ones in a recipe are the owner’s own.
  const limits = {
    ...LIMITS.guest,
    tokens: pass.maxTokens,
    characters: pass.contextLength * CHARS_PER_TOKEN,
    images: Infinity,
    messages: Infinity,
  }
  const recipe = withValues({ ...safeParts(shared), model: allowedModel }, values)
  return recipeFor('guest', recipe, limits)
}

/** The parts of the shared recipe that a guest’s run uses. The others would affect the home beyond this one answer. */
const safeParts = ({
  model,
  prompt,
  messages,
  system,
  options,
  format,
  think,
  images,
}: Recipe): Recipe => ({
  model,
  ...definedOnly({ prompt, messages, system, options, format, think, images }),
})

type Values = Pick<GuestRequest, 'prompt' | 'system' | 'temperature' | 'top_p' | 'seed'>

function withValues(recipe: Recipe, { prompt, system, ...options }: Values): Recipe {
  const changed = { ...recipe, options: { ...recipe.options, ...definedOnly(options) } }
  return recipe.messages === undefined
    ? { ...changed, ...definedOnly({ prompt, system }) }
    : { ...changed, messages: withPrompt(recipe.messages, prompt, system) }
}

/** In a conversation, the prompt is the last message of the user. */
function withPrompt(messages: NonNullable<Recipe['messages']>, prompt?: string, system?: string) {
  const last = messages.findLastIndex(({ role }) => role === 'user')
  const changed = messages.map((message, index) =>
    index === last && prompt !== undefined ? { ...message, content: prompt } : message,
  )
  if (system === undefined) return changed
  return [
    { role: 'system' as const, content: system },
    ...changed.filter(({ role }) => role !== 'system'),
  ]
}

const invalid = (path: string, message: string) =>
  new HttpProblem('invalid', `${path} ${message}.`, { errors: [{ path, message }] })
