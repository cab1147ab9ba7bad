import * as v from 'valibot'
import { GenerateRequest } from './generate.ts'

const flag = v.boolean('must be true or false')
const text = v.string('must be text')
const { model, system, options } = GenerateRequest.entries

const Images = v.array(
  v.pipe(text, v.base64('must be base64, without a data: prefix')),
  'must be a list of images',
)
const ToolCall = v.object({
  id: v.optional(text),
  function: v.object({ name: text, arguments: v.record(v.string(), v.unknown()) }),
})

export const Message = v.pipe(
  v.strictObject({
    role: v.picklist(
      ['system', 'user', 'assistant', 'tool'],
      'must be system, user, assistant or tool',
    ),
    content: v.optional(text, ''),
    thinking: v.optional(text),
    images: v.optional(Images),
    toolCalls: v.optional(v.array(ToolCall)),
    tool_calls: v.optional(v.array(ToolCall)),
    toolName: v.optional(text),
    tool_name: v.optional(text),
    toolCallId: v.optional(text),
    tool_call_id: v.optional(text),
  }),
  v.transform(({ tool_calls, tool_name, tool_call_id, ...message }) => ({
    ...(tool_calls === undefined ? {} : { toolCalls: tool_calls }),
    ...(tool_name === undefined ? {} : { toolName: tool_name }),
    ...(tool_call_id === undefined ? {} : { toolCallId: tool_call_id }),
    ...message,
  })),
)

export type Message = v.InferOutput<typeof Message>

const Tool = v.strictObject({
  type: v.literal('function', 'must be function'),
  function: v.strictObject({
    name: text,
    description: v.optional(text),
    parameters: v.optional(v.record(v.string(), v.unknown())),
  }),
})

export const Tools = v.array(Tool, 'must be a list of tools')
export type Tools = v.InferOutput<typeof Tools>

/** A duration in Go's format. Ollama also refuses text without a unit. */
export const DURATION = /^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/
const KEEP_ALIVE = 'must be a number of seconds, or text like 5m'
export const KeepAlive = v.union(
  [v.number(), v.pipe(v.string(), v.regex(DURATION, KEEP_ALIVE))],
  KEEP_ALIVE,
)
const TopLogprobs = v.pipe(
  v.number('must be a whole number'),
  v.integer(),
  v.minValue(0),
  v.maxValue(20),
)

const fields = v.strictObject({
  model,
  prompt: v.optional(GenerateRequest.entries.prompt),
  messages: v.optional(
    v.pipe(v.array(Message, 'must be a list of messages'), v.nonEmpty('is empty')),
  ),
  system,
  options,
  format: v.optional(
    v.union(
      [v.literal('json'), v.record(v.string(), v.unknown())],
      'must be "json" or a JSON Schema',
    ),
  ),
  tools: v.optional(Tools),
  think: v.optional(
    v.union(
      [v.boolean(), v.picklist(['low', 'medium', 'high', 'max'])],
      'must be true, false, low, medium, high or max',
    ),
  ),
  images: v.optional(Images),
  keepAlive: v.optional(KeepAlive),
  keep_alive: v.optional(KeepAlive),
  raw: v.optional(flag),
  strict: v.optional(flag),
  logprobs: v.optional(flag),
  topLogprobs: v.optional(TopLogprobs),
  top_logprobs: v.optional(TopLogprobs),
})

type Fields = v.InferOutput<typeof fields>

/** Combinations of fields that are not valid, with the field that reports them. */
const CONFLICTS: readonly {
  path: keyof Fields
  isWrong: (recipe: Fields) => boolean
  message: string
}[] = [
  {
    path: 'prompt',
    isWrong: ({ prompt, messages }) => (prompt === undefined) === (messages === undefined),
    message: 'is missing, or both prompt and messages are set: send exactly one of them',
  },
  {
    path: 'raw',
    isWrong: ({ raw, messages, tools }) =>
      raw === true && (messages !== undefined || tools !== undefined),
    message: 'works only with a prompt, not with messages or tools',
  },
  {
    path: 'images',
    isWrong: ({ images, messages }) => images !== undefined && messages !== undefined,
    message: 'belong in the message that shows them',
  },
]

/** Everything that determines an answer: the body of `POST /api/runs`. It accepts Ollama's own spelling as well. */
export const Recipe = v.pipe(
  fields,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    for (const { path, isWrong, message } of CONFLICTS) {
      if (!isWrong(dataset.value)) continue
      const { value: input } = dataset
      addIssue({
        message,
        path: [{ type: 'object', origin: 'value', input, key: path, value: input[path] }],
      })
    }
  }),
  v.transform(
    ({
      keep_alive,
      top_logprobs,
      keepAlive = keep_alive,
      topLogprobs = top_logprobs,
      ...recipe
    }) => ({
      ...withToolsInChat(recipe),
      ...(keepAlive === undefined ? {} : { keepAlive }),
      ...(topLogprobs === undefined ? {} : { topLogprobs }),
    }),
  ),
)

type RecipeFields = Omit<Fields, 'keep_alive' | 'top_logprobs' | 'keepAlive' | 'topLogprobs'>

/** Ollama supports tools only in conversations, so a prompt with tools becomes one. */
function withToolsInChat(given: RecipeFields): RecipeFields {
  const { prompt, images, ...rest } = given
  if (given.tools === undefined || prompt === undefined) return given
  const message: Message = {
    role: 'user',
    content: prompt,
    ...(images === undefined ? {} : { images }),
  }
  return { ...rest, messages: [message] }
}

export type Recipe = v.InferOutput<typeof Recipe>
