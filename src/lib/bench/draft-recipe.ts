import {
  OPTIONS,
  readOption,
  type OptionName,
  type Options,
  type OptionValue,
} from '../contract/options.ts'
import type { Recipe } from '../contract/recipe.ts'
import { ALTERNATIVES, NO_INPUTS, type Inputs, type Think } from './draft-validation.ts'

/** What of a recipe the fields of the bench have no place for. It is sent as it is. */
export type Extra = Pick<Recipe, 'raw' | 'topLogprobs' | 'options'>

type OptionTexts = Partial<Record<OptionName, string>>

/** A recipe as it stands in the fields. */
export interface Fields extends Inputs {
  model: string
  prompt: string
  system: string
  options: OptionTexts
  extra: Extra
}

const textOf = (value: OptionValue) => (Array.isArray(value) ? value.join(', ') : String(value))

const survives = (name: string, value: OptionValue) =>
  JSON.stringify(readOption(name as OptionName, textOf(value))) === JSON.stringify(value)

const thinkOf = (think: Recipe['think']): Think =>
  think === undefined ? '' : think === true ? 'on' : think === false ? 'off' : think

const jsonOf = (value: unknown) => JSON.stringify(value, null, 2)

/** A recipe as the bench writes it down. A last message of the user becomes the prompt. */
export function draftOf(recipe: Recipe): Fields {
  const { model, system = '', messages, format, tools, keepAlive } = recipe
  const last = messages?.at(-1)
  const asked = last?.role === 'user' ? last : null
  const images = recipe.images ?? asked?.images ?? []
  const isSchema = typeof format === 'object'
  return {
    ...NO_INPUTS,
    ...{ model, system, prompt: asked?.content ?? recipe.prompt ?? '' },
    turns: messages ? (asked ? messages.slice(0, -1) : messages) : [],
    pictures: images.map((base64, nth) => ({
      name: `image ${nth + 1}`,
      base64,
      width: 0,
      height: 0,
    })),
    think: thinkOf(recipe.think),
    tools: tools ? jsonOf(tools) : '',
    format: isSchema ? 'schema' : (format ?? 'text'),
    schema: isSchema ? jsonOf(format) : '',
    keepAlive: keepAlive === undefined ? '' : String(keepAlive),
    strict: recipe.strict ?? false,
    logprobs: recipe.logprobs ?? false,
    ...optionsApart(recipe),
  }
}

function optionsApart({
  options = {},
  raw,
  logprobs,
  topLogprobs,
}: Recipe): Pick<Fields, 'options' | 'extra'> {
  const entries = Object.entries(options as Options)
  const untyped = entries.filter(([name, value]) => !survives(name, value))
  const isUsual = topLogprobs === undefined || (logprobs === true && topLogprobs === ALTERNATIVES)
  return {
    options: Object.fromEntries(
      entries
        .filter(([name, value]) => survives(name, value))
        .map(([name, value]) => [name, textOf(value)]),
    ),
    extra: {
      ...(raw === undefined ? {} : { raw }),
      ...(isUsual ? {} : { topLogprobs }),
      ...(untyped.length > 0 ? { options: Object.fromEntries(untyped) } : {}),
    },
  }
}

/** The same recipe with what has no field. */
export function withExtra(recipe: Recipe, { options, ...extra }: Extra): Recipe {
  const all = { ...options, ...recipe.options }
  return { ...recipe, ...extra, ...(Object.keys(all).length > 0 ? { options: all } : {}) }
}

/** What was typed, as it is sent; what cannot be read is told beside its field, and not sent. */
export const optionValues = (texts: OptionTexts): NonNullable<Recipe['options']> =>
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
export const extraWords = ({ options = {}, ...rest }: Extra): string[] => [
  ...Object.keys(options),
  ...Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`),
]

/** What went with the words and the options, in words. */
export function alsoSent({
  images,
  messages = [],
  tools,
  format,
  think,
  keepAlive,
  strict,
  logprobs,
  raw,
}: Recipe): string[] {
  const pictures =
    (images ?? []).length +
    messages.reduce((sum, message) => sum + (message.images ?? []).length, 0)
  return [
    ...(pictures > 0 ? [`${pictures} ${pictures === 1 ? 'image' : 'images'}`] : []),
    ...(tools ? [`${tools.length} ${tools.length === 1 ? 'tool' : 'tools'}`] : []),
    ...(format === undefined ? [] : [format === 'json' ? 'format json' : 'a JSON Schema']),
    ...Object.entries({ think, keepAlive, strict, logprobs, raw })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name} ${String(value)}`),
  ]
}
