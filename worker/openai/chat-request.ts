import * as v from 'valibot'
import { GenerateRequest } from '../../src/lib/contract/generate.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'

const text = v.string('must be a text')
const number = v.pipe(v.number('must be a number'), v.finite('must be a number'))
const count = v.pipe(
  v.number('must be a whole number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be 1 or more'),
)
const anyObject = v.record(v.string(), v.unknown(), 'must be an object')

/** Refuses fields that Ollama would ignore silently, unless they are empty or `null`. */
const unsupported = (message: string) =>
  v.nullish(
    v.custom<undefined>(
      (value) => JSON.stringify(value) === '{}' || JSON.stringify(value) === '[]',
      message,
    ),
  )

const DATA_URL = /^data:image\/[a-z+.-]+;base64,/i

const TextPart = v.object({ type: v.literal('text'), text })
const ImagePart = v.object({
  type: v.literal('image_url'),
  image_url: v.object({
    url: v.pipe(
      text,
      v.regex(DATA_URL, 'must be a data: URL with base64, because addresses are never fetched'),
      v.transform((url) => url.replace(DATA_URL, '')),
      v.base64('is not base64'),
    ),
  }),
})
type Part = v.InferOutput<typeof TextPart> | v.InferOutput<typeof ImagePart>

const parts = <Kind extends Part>(part: v.GenericSchema<unknown, Kind>) =>
  v.union([text, v.array(part)], 'must be a text, or a list of parts that this role supports')
const Text = parts(TextPart)
const TextOrImages = parts(v.variant('type', [TextPart, ImagePart], 'must be text or image_url'))

const Arguments = v.pipe(
  text,
  v.check(isJsonObject, 'must be a JSON object'),
  v.transform((json) => (json.trim() === '' ? {} : JSON.parse(json)) as Record<string, unknown>),
)

const ToolCall = v.object({ id: text, function: v.object({ name: text, arguments: Arguments }) })

const Message = v.variant(
  'role',
  [
    v.object({ role: v.picklist(['system', 'developer']), content: Text }),
    v.object({ role: v.literal('user'), content: TextOrImages }),
    v.object({
      role: v.literal('assistant'),
      content: v.nullish(Text, ''),
      reasoning: v.nullish(text),
      tool_calls: v.nullish(v.array(ToolCall)),
    }),
    v.object({ role: v.literal('tool'), tool_call_id: text, content: Text }),
  ],
  'must have a role: system, developer, user, assistant or tool',
)

const Tool = v.object({
  type: v.literal('function', 'must be function'),
  function: v.object({
    name: text,
    description: v.nullish(text),
    parameters: v.nullish(anyObject),
  }),
})

const Format = v.variant(
  'type',
  [
    v.object({ type: v.literal('text') }),
    v.object({ type: v.literal('json_object') }),
    v.object({ type: v.literal('json_schema'), json_schema: v.object({ schema: anyObject }) }),
  ],
  'must be text, json_object or json_schema',
)

const EFFORTS = {
  none: false,
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'max',
} as const
type Effort = keyof typeof EFFORTS

/** The body of `POST /v1/chat/completions`. Like other servers, we ignore fields of OpenAI that do not affect the answer. */
export const ChatRequest = v.object({
  model: GenerateRequest.entries.model,
  messages: v.pipe(v.array(Message, 'must be a list of messages'), v.nonEmpty('is empty')),
  stream: v.nullish(v.boolean('must be true or false'), false),
  stream_options: v.nullish(v.object({ include_usage: v.nullish(v.boolean()) })),
  tools: v.nullish(v.array(Tool, 'must be a list of tools')),
  tool_choice: v.nullish(
    v.picklist(['auto', 'none'], 'must be auto or none: Ollama cannot be forced to call a tool'),
  ),
  response_format: v.nullish(Format),
  reasoning_effort: v.nullish(
    v.picklist(
      Object.keys(EFFORTS) as Effort[],
      `must be one of ${Object.keys(EFFORTS).join(', ')}`,
    ),
  ),
  max_tokens: v.nullish(count),
  max_completion_tokens: v.nullish(count),
  temperature: v.nullish(number),
  top_p: v.nullish(number),
  presence_penalty: v.nullish(number),
  frequency_penalty: v.nullish(number),
  seed: v.nullish(v.pipe(number, v.integer('must be a whole number'))),
  stop: v.nullish(
    v.union(
      [text, v.pipe(v.array(text), v.maxLength(16))],
      'must be a text or a list of up to 16 texts',
    ),
  ),
  logprobs: v.nullish(v.boolean('must be true or false')),
  top_logprobs: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20))),
  n: v.nullish(v.literal(1, 'must be 1: Ollama gives one answer per request')),
  logit_bias: unsupported('is not supported by Ollama'),
  functions: unsupported('is deprecated: use tools'),
  function_call: unsupported('is deprecated: use tool_choice'),
  audio: unsupported('is not supported by Ollama'),
  modalities: v.nullish(v.array(v.literal('text', 'can only be text'))),
  web_search_options: unsupported('is not supported by Ollama'),
})

export type ChatRequest = v.InferOutput<typeof ChatRequest>

function isJsonObject(json: string): boolean {
  if (json.trim() === '') return true
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** Absent fields stay absent, so that the defaults of Ollama and of the model apply. */
export function recipeOf(request: ChatRequest): Recipe {
  const { model, tools, tool_choice, response_format, reasoning_effort, logprobs, top_logprobs } =
    request
  const hasTools = tools != null && tools.length > 0 && tool_choice !== 'none'
  const options = optionsOf(request)
  return compact({
    model,
    messages: messagesOf(request.messages),
    options: Object.keys(options).length > 0 ? options : undefined,
    format: formatOf(response_format),
    tools: hasTools ? tools.map(toolOf) : undefined,
    think: reasoning_effort == null ? undefined : EFFORTS[reasoning_effort],
    logprobs: logprobs ?? undefined,
    topLogprobs: logprobs ? (top_logprobs ?? undefined) : undefined,
  })
}

/** Drops fields that are `null` or `undefined`. */
const compact = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Fields

function optionsOf(request: ChatRequest): NonNullable<Recipe['options']> {
  const { temperature, top_p, presence_penalty, frequency_penalty, seed, stop } = request
  const { max_tokens, max_completion_tokens } = request
  return compact({
    temperature: temperature ?? undefined,
    top_p: top_p ?? undefined,
    presence_penalty: presence_penalty ?? undefined,
    frequency_penalty: frequency_penalty ?? undefined,
    seed: seed ?? undefined,
    stop: stop == null ? undefined : [stop].flat(),
    num_predict: max_completion_tokens ?? max_tokens ?? undefined,
  })
}

function formatOf(format: ChatRequest['response_format']): Recipe['format'] {
  if (format?.type === 'json_object') return 'json'
  return format?.type === 'json_schema' ? format.json_schema.schema : undefined
}

const toolOf = ({ function: { name, description, parameters } }: v.InferOutput<typeof Tool>) => ({
  type: 'function' as const,
  function: compact({
    name,
    description: description ?? undefined,
    parameters: parameters ?? undefined,
  }),
})

/** A tool's result names its call in OpenAI's format, and its tool in Ollama's. */
function messagesOf(messages: ChatRequest['messages']): NonNullable<Recipe['messages']> {
  const names = new Map<string, string>()
  return messages.map((message) => {
    const content = textOf(message.content)
    if (message.role === 'user')
      return compact({ role: 'user', content, images: imagesOf(message.content) })
    if (message.role === 'tool')
      return compact({ role: 'tool', content, toolName: names.get(message.tool_call_id) })
    if (message.role !== 'assistant') return { role: 'system', content }
    for (const { id, function: tool } of message.tool_calls ?? []) names.set(id, tool.name)
    return compact({
      role: 'assistant',
      content,
      thinking: message.reasoning ?? undefined,
      toolCalls: message.tool_calls?.map(({ id, function: tool }) => ({ id, function: tool })),
    })
  })
}

const textOf = (content: string | readonly Part[] | null) =>
  typeof content === 'string' || content === null
    ? (content ?? '')
    : content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')

function imagesOf(content: string | readonly Part[]): string[] | undefined {
  if (typeof content === 'string') return undefined
  const images = content.flatMap((part) => (part.type === 'image_url' ? [part.image_url.url] : []))
  return images.length > 0 ? images : undefined
}
