import type { Model } from '../contract/llm.ts'
import {
  OPTIONS,
  readOption,
  type OptionName,
  type Options,
  type OptionValue,
} from '../contract/options.ts'
import type { Message, Recipe, Tools } from '../contract/recipe.ts'
import {
  EMPTY_FIELDS,
  THINK_CHOICES,
  type DraftFields,
  type Extra,
  type OptionTexts,
  type Think,
  type Turn,
} from './draft-fields.ts'
import { readJson } from './json.ts'

/** Alternatives that are requested for each token. */
const ALTERNATIVES = 3

/** A model whose abilities are unknown (`undefined`) gets everything. */
export type Abilities = Pick<Model, 'capabilities' | 'thinking'>

export const can = (abilities: Abilities | undefined, capability: string) =>
  abilities?.capabilities.includes(capability) ?? true

export const supportsThink = (think: Think, abilities: Abilities | undefined) =>
  abilities === undefined ||
  (abilities.thinking !== null &&
    (THINK_CHOICES[abilities.thinking] as readonly Think[]).includes(think))

/** Fields that are filled in but not sent, because the model does not support them. */
export function notSent(
  { think, pictures, turns, tools }: DraftFields,
  abilities: Abilities | undefined,
): string[] {
  const hasImages = pictures.length > 0 || turns.some(({ images = [] }) => images.length > 0)
  return [
    ...(think !== '' && !supportsThink(think, abilities) ? ['thinking'] : []),
    ...(hasImages && !can(abilities, 'vision') ? ['images'] : []),
    ...(tools.trim() !== '' && !can(abilities, 'tools') ? ['tools'] : []),
  ]
}

/** The recipe of valid fields: what differs from the defaults and the model supports. */
export function recipeOf(fields: DraftFields, abilities: Abilities | undefined): Recipe {
  const { model, system, format, schema, strict, logprobs, keepAlive } = fields
  const { options: extraOptions, ...extra } = fields.extra
  const options = { ...extraOptions, ...optionValues(fields.options) }
  const think = supportsThink(fields.think, abilities) ? fields.think : ''
  return {
    model,
    ...promptOrMessages(fields, abilities),
    ...(system.trim() ? { system } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...(think === '' ? {} : { think: think === 'on' || (think === 'off' ? false : think) }),
    ...(format === 'text' ? {} : { format: format === 'json' ? 'json' : schemaOf(schema) }),
    ...(keepAlive.trim() ? { keepAlive: keepAliveOf(keepAlive.trim()) } : {}),
    ...(strict ? { strict } : {}),
    ...(logprobs ? { logprobs, topLogprobs: ALTERNATIVES } : {}),
    ...extra,
  }
}

/** Messages only where there are turns or tools. */
function promptOrMessages(
  { prompt, pictures, turns, tools }: DraftFields,
  abilities: Abilities | undefined,
) {
  const seesImages = can(abilities, 'vision')
  const images =
    seesImages && pictures.length > 0 ? { images: pictures.map(({ base64 }) => base64) } : {}
  const toolList =
    tools.trim() !== '' && can(abilities, 'tools') ? (readJson(tools).value as Tools) : []
  if (turns.length === 0 && toolList.length === 0) return { prompt, ...images }
  const before = turns.map(({ images, ...turn }) =>
    images && seesImages ? { ...turn, images } : turn,
  )
  const hasPrompt = prompt.trim() !== '' || 'images' in images
  const last = hasPrompt ? [{ role: 'user' as const, content: prompt, ...images }] : []
  return { messages: [...before, ...last], ...(toolList.length > 0 ? { tools: toolList } : {}) }
}

const schemaOf = (text: string) => readJson(text).value as Record<string, unknown>
/** A number is in seconds; a text carries its unit. */
const keepAliveOf = (text: string) => (/^-?\d+$/.test(text) ? Number(text) : text)

const textOf = (value: OptionValue) => (Array.isArray(value) ? value.join(', ') : String(value))
const survivesTyping = (name: string, value: OptionValue) =>
  JSON.stringify(readOption(name as OptionName, textOf(value))) === JSON.stringify(value)
const thinkOf = (think: Recipe['think']): Think =>
  think === undefined ? '' : think === true ? 'on' : think === false ? 'off' : think
const jsonOf = (value: unknown) => JSON.stringify(value, null, 2)

/** The opposite of `recipeOf`. A last message of the user becomes the prompt. */
export function fieldsOf(recipe: Recipe): DraftFields {
  const { model, system = '', messages, format, tools, keepAlive } = recipe
  const last = messages?.at(-1)
  const prompt = last?.role === 'user' ? last : null
  const isSchema = typeof format === 'object'
  return {
    ...EMPTY_FIELDS,
    model,
    system,
    prompt: prompt?.content ?? recipe.prompt ?? '',
    turns: messages ? (prompt ? messages.slice(0, -1) : messages) : [],
    pictures: (recipe.images ?? prompt?.images ?? []).map((base64, index) => ({
      name: `image ${index + 1}`,
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
    ...splitOptions(recipe),
  }
}

function splitOptions({
  options = {},
  raw,
  logprobs,
  topLogprobs,
}: Recipe): Pick<DraftFields, 'options' | 'extra'> {
  const entries = Object.entries(options as Options)
  const typed = entries.filter(([name, value]) => survivesTyping(name, value))
  const others = entries.filter(([name, value]) => !survivesTyping(name, value))
  const isDefault = topLogprobs === undefined || (logprobs === true && topLogprobs === ALTERNATIVES)
  return {
    options: Object.fromEntries(typed.map(([name, value]) => [name, textOf(value)])),
    extra: {
      ...(raw === undefined ? {} : { raw }),
      ...(isDefault ? {} : { topLogprobs }),
      ...(others.length > 0 ? { options: Object.fromEntries(others) } : {}),
    },
  }
}

/** The options that were typed. Invalid ones have a message beside their field, and are left out. */
export const optionValues = (texts: OptionTexts): NonNullable<Recipe['options']> =>
  Object.fromEntries(
    Object.entries(texts)
      .filter(([name, text]) => name in OPTIONS && text.trim() !== '')
      .map(([name, text]) => [name, readOption(name as OptionName, text)] as const)
      .filter(([, value]) => value !== null),
  )

/** The options of a recipe in words, as in a receipt. */
export const changedIn = ({ options = {} }: Recipe) =>
  Object.entries(options as Options).map(([name, value]) => `${name} ${textOf(value)}`)

export const extraWords = ({ options = {}, ...rest }: Extra): string[] => [
  ...Object.keys(options),
  ...Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`),
]

/** The parts of a recipe besides its texts and options, in words. */
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

/** The turns of a conversation that continues after this answer. Each tool call gets a turn for its result. */
export function turnsAfter(
  recipe: Recipe,
  output: { text: string; thinking: string; toolCalls: Message['toolCalls'] },
): Turn[] {
  const { prompt, images, messages } = recipe
  const before: Turn[] = messages ?? [
    { role: 'user', content: prompt ?? '', ...(images ? { images } : {}) },
  ]
  const { text: content, thinking, toolCalls = [] } = output
  const calls = toolCalls.map(({ id, function: { name, arguments: args } }) => ({
    ...(id === undefined ? {} : { id }),
    function: { name, arguments: args },
  }))
  const answer: Turn = {
    role: 'assistant',
    content,
    ...(thinking ? { thinking } : {}),
    ...(calls.length > 0 ? { toolCalls: calls } : {}),
  }
  const results = calls.map(({ function: { name } }): Turn => ({
    role: 'tool',
    content: '',
    toolName: name,
  }))
  return [...before, answer, ...results]
}
