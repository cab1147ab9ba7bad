import * as v from 'valibot'
import type { Model } from '../contract/llm.ts'
import { DURATION, Tools, type Message, type Recipe } from '../contract/recipe.ts'
import { readJson, sayFault } from './json.ts'
import { MOST_BASE64, type Picture } from './image-limits.ts'

/** How much to think: '' leaves it to the model. */
export const THINK_CHOICES = {
  switch: ['', 'on', 'off'],
  levels: ['', 'low', 'medium', 'high', 'max'],
} as const
export type Think = (typeof THINK_CHOICES)[keyof typeof THINK_CHOICES][number]

/** What the answer has to be: any text, any JSON, or JSON that fits a schema. */
export const FORMATS = ['text', 'json', 'schema'] as const
export type Format = (typeof FORMATS)[number]

/** Beside model, prompt, system and options: what was typed and chosen for the recipe, as it stands in its fields. */
export interface Inputs {
  think: Think
  tools: string
  format: Format
  schema: string
  keepAlive: string
  strict: boolean
  logprobs: boolean
  pictures: Picture[]
  /** What was said before the prompt, oldest first. */
  turns: Turn[]
}

export type Turn = Pick<Message, 'role' | 'content'> & Partial<Message>

export const NO_INPUTS: Inputs = {
  think: '',
  tools: '',
  format: 'text',
  schema: '',
  keepAlive: '',
  strict: false,
  logprobs: false,
  pictures: [],
  turns: [],
}

export interface Written extends Inputs {
  model: string
  prompt: string
  system: string
  options: NonNullable<Recipe['options']>
}

/** What a model is known to be able to; of a model that is not known every input is sent. */
export type Abilities = Pick<Model, 'capabilities' | 'thinking'>

/** Other tokens that each one is compared with. */
export const ALTERNATIVES = 3

const can = (abilities: Abilities | undefined, name: string) =>
  abilities?.capabilities.includes(name) ?? true

/** Whether a choice of thinking means anything to this model. */
export const knowsThink = (think: Think, abilities: Abilities | undefined) =>
  abilities === undefined ||
  (abilities.thinking !== null &&
    (THINK_CHOICES[abilities.thinking] as readonly Think[]).includes(think))

/** What is written but not sent, because the model cannot do anything with it. */
export function notSent(
  { think, pictures, turns, tools }: Inputs,
  abilities: Abilities | undefined,
): string[] {
  const hasImages = pictures.length > 0 || turns.some(({ images = [] }) => images.length > 0)
  return [
    ...(think !== '' && !knowsThink(think, abilities) ? ['thinking'] : []),
    ...(hasImages && !can(abilities, 'vision') ? ['images'] : []),
    ...(tools.trim() !== '' && !can(abilities, 'tools') ? ['tools'] : []),
  ]
}

/** The recipe that is sent: only what was changed, and what the model can do something with. Nothing in it is at fault. */
export function recipeOf(written: Written, abilities: Abilities | undefined): Recipe {
  const { model, system, options, format, schema, strict, logprobs } = written
  const think = knowsThink(written.think, abilities) ? written.think : ''
  return {
    model,
    ...asked(written, abilities),
    ...(system.trim() ? { system } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...(think === '' ? {} : { think: think === 'on' || (think === 'off' ? false : think) }),
    ...(format === 'text' ? {} : { format: format === 'json' ? 'json' : schemaOf(schema) }),
    ...(written.keepAlive.trim() ? { keepAlive: keepAliveOf(written.keepAlive.trim()) } : {}),
    ...(strict ? { strict } : {}),
    ...(logprobs ? { logprobs, topLogprobs: ALTERNATIVES } : {}),
  }
}

/** One prompt as long as that will do; messages where there is more than one, or where tools are to be had. */
function asked({ prompt, pictures, turns, tools }: Written, abilities: Abilities | undefined) {
  const seesImages = can(abilities, 'vision')
  const images =
    seesImages && pictures.length > 0 ? { images: pictures.map(({ base64 }) => base64) } : {}
  const defined =
    tools.trim() !== '' && can(abilities, 'tools') ? (readJson(tools).value as Tools) : []
  if (turns.length === 0 && defined.length === 0) return { prompt, ...images }
  const said = turns.map(({ images, ...turn }) =>
    images && seesImages ? { ...turn, images } : turn,
  )
  const isAsked = prompt.trim() !== '' || 'images' in images
  return {
    messages: [
      ...said,
      ...(isAsked ? [{ role: 'user' as const, content: prompt, ...images }] : []),
    ],
    ...(defined.length > 0 ? { tools: defined } : {}),
  }
}

const schemaOf = (text: string) => readJson(text).value as Record<string, unknown>
/** A number means seconds; a text needs its unit. */
const keepAliveOf = (text: string) => (/^-?\d+$/.test(text) ? Number(text) : text)

export type FaultyField = 'prompt' | 'turns' | 'tools' | 'schema' | 'keep-alive'
/** What keeps a recipe from being sent, and the field that it stands in. */
export type Faults = Partial<Record<FaultyField, string>>

export function faultsIn(written: Written, abilities: Abilities | undefined): Faults {
  const found = {
    prompt: promptFault(written),
    turns: turnsFault(written),
    tools: can(abilities, 'tools') ? toolsFault(written.tools) : null,
    schema: written.format === 'schema' ? schemaFault(written.schema) : null,
    'keep-alive': keepAliveFault(written.keepAlive.trim()),
  } satisfies Record<FaultyField, string | null>
  return Object.fromEntries(Object.entries(found).filter(([, message]) => message !== null))
}

/** After a question that is still open, or what a tool has said, there is nothing to add. */
function promptFault({ prompt, turns, pictures }: Written): string | null {
  if (base64In(pictures, turns) > MOST_BASE64)
    return 'These images are too large together. Remove one; they stay here until you do.'
  const last = turns.at(-1)?.role
  return prompt.trim() !== '' || last === 'user' || last === 'tool'
    ? null
    : 'Write something first.'
}

export const base64In = (pictures: readonly Picture[], turns: readonly Turn[]) =>
  [...pictures.map(({ base64 }) => base64), ...turns.flatMap(({ images = [] }) => images)].reduce(
    (sum, { length }) => sum + length,
    0,
  )

function turnsFault({ turns }: Written): string | null {
  const nth = turns.findIndex(({ role, content }) => role === 'tool' && content.trim() === '')
  return nth < 0 ? null : `Type what ${turns[nth]?.toolName || 'the tool'} answers.`
}

export function toolsFault(text: string): string | null {
  if (text.trim() === '') return null
  const { value, fault, lineOf } = readTools(text)
  if (fault) return sayFault(fault)
  const { issues } = v.safeParse(Tools, value)
  if (!issues) return null
  const [issue] = issues
  const path = v.getDotPath(issue) ?? ''
  const line = lineOf(path) ?? lineOf(path.split('.').slice(0, -1).join('.'))
  return `${line === null ? '' : `Line ${line}: `}${path || 'This'} ${plain(issue.message)}.`
}

const readTools = (text: string) => {
  const read = readJson(text)
  return read.fault ? { ...read, lineOf: () => null } : read
}

/** Valibot's own sentences speak of types of the language. */
const plain = (message: string) =>
  /^Invalid key: Expected never/.test(message)
    ? 'is not a known field'
    : /^Invalid/.test(message)
      ? 'is missing or has the wrong type'
      : message

export function schemaFault(text: string): string | null {
  if (text.trim() === '') return 'Write the schema, or choose another answer format.'
  const { value, fault } = readJson(text)
  if (fault) return sayFault(fault)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? null
    : 'Line 1: a schema is an object.'
}

const keepAliveFault = (text: string) =>
  text === '' || /^-?\d+$/.test(text) || DURATION.test(text)
    ? null
    : 'Seconds, or a time like 5m, 1h30m; −1 for ever.'

/** What was asked and answered, as the turns of a conversation that goes on; a call of a tool waits for what it says. */
export function turnsAfter(
  recipe: Recipe,
  output: { text: string; thinking: string; toolCalls: Message['toolCalls'] },
): Turn[] {
  const { prompt, images, messages } = recipe
  const before: Turn[] = messages ?? [
    { role: 'user', content: prompt ?? '', ...(images ? { images } : {}) },
  ]
  const { text: content, thinking, toolCalls = [] } = output
  const calls = toolCalls.map(({ id, function: { name, arguments: given } }) => ({
    ...(id === undefined ? {} : { id }),
    function: { name, arguments: given },
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
