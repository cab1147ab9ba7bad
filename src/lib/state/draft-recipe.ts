import { OPTIONS, readOption, type OptionName, type Options, type OptionValue } from '../contract/options.ts'
import type { Recipe } from '../contract/recipe.ts'
import type { KeptDraft } from './kept.ts'

/**
 * What of a recipe the fields of the bench do not show: earlier messages, images, format, tools and so on, and options
 * that cannot be typed. It is sent as it is.
 */
export type Extra = Omit<Recipe, 'model' | 'prompt' | 'system'>

const textOf = (value: OptionValue) => (Array.isArray(value) ? value.join(', ') : String(value))

const survives = (name: string, value: OptionValue) =>
  JSON.stringify(readOption(name as OptionName, textOf(value))) === JSON.stringify(value)

/** A recipe as the bench writes it down. A last message of the user becomes the prompt. */
export function draftOf(recipe: Recipe): KeptDraft {
  const { model, prompt = '', system = '', options = {}, messages, images, ...rest } = recipe
  const last = messages?.at(-1)
  const asked = last?.role === 'user' ? last : null
  const typed = Object.entries(options as Options).filter(([name, value]) => survives(name, value))
  const untyped = Object.entries(options as Options).filter(([name, value]) => !survives(name, value))
  const extra: Extra = {
    ...rest,
    ...(messages ? { messages: asked ? messages.slice(0, -1) : messages } : {}),
    ...((images ?? asked?.images) ? { images: images ?? asked?.images } : {}),
    ...(untyped.length > 0 ? { options: Object.fromEntries(untyped) as Recipe['options'] } : {}),
  }
  return {
    ...{ model, system, prompt: asked?.content ?? prompt },
    options: Object.fromEntries(typed.map(([name, value]) => [name, textOf(value)])),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  }
}

/** The way back. Empty fields are defaults and are not sent. */
export function recipeOf({ model, prompt, system, options, extra = {} }: KeptDraft): Recipe {
  const { messages, images, options: untyped, ...rest } = extra as Extra
  const shown = images ? { images } : {}
  const values = { ...untyped, ...valuesOf(options) }
  return {
    ...rest,
    model,
    ...(messages ? { messages: [...messages, { role: 'user', content: prompt, ...shown }] } : { prompt, ...shown }),
    ...(system.trim() ? { system } : {}),
    ...(Object.keys(values).length > 0 ? { options: values as Recipe['options'] } : {}),
  }
}

/** What cannot be read is told beside its field, and not sent. */
const valuesOf = (texts: KeptDraft['options']): Options =>
  Object.fromEntries(
    Object.entries(texts)
      .filter(([name, text]) => name in OPTIONS && text.trim() !== '')
      .map(([name, text]) => [name, readOption(name as OptionName, text)] as const)
      .filter(([, value]) => value !== null),
  )

/** The options of a recipe, as a receipt names them. */
export const changedIn = ({ options = {} }: Recipe) =>
  Object.entries(options as Options).map(([name, value]) => `${name} ${textOf(value)}`)

/** What an `Extra` holds, in words. */
export function extraWords({ messages = [], images = [], options = {}, ...rest }: Extra): string[] {
  return [
    ...(messages.length > 0 ? [`${messages.length} earlier ${messages.length === 1 ? 'message' : 'messages'}`] : []),
    ...(images.length > 0 ? [`${images.length} ${images.length === 1 ? 'image' : 'images'}`] : []),
    ...Object.keys(options),
    ...Object.entries(rest).map(([name, value]) => (typeof value === 'object' ? name : `${name} ${String(value)}`)),
  ]
}
