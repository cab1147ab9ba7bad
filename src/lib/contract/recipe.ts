import * as v from 'valibot'
import { GenerateRequest } from './generate.ts'

const flag = v.boolean('must be true or false')
const text = v.string('must be a text')
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

/** As Go writes a duration. A text without a unit is refused by Ollama, too. */
export const DURATION = /^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/
const KEEP_ALIVE = 'must be seconds as a number, or a text like 5m'
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

/** What does not go together, and which field says so. */
const CONFLICTS: readonly {
  path: keyof Fields
  isWrong: (recipe: Fields) => boolean
  message: string
}[] = [
  {
    path: 'prompt',
    isWrong: ({ prompt, messages }) => (prompt === undefined) === (messages === undefined),
    message: 'is missing, or messages stand beside it: one of the two',
  },
  {
    path: 'raw',
    isWrong: ({ raw, messages, tools }) =>
      raw === true && (messages !== undefined || tools !== undefined),
    message: 'goes with a prompt alone, not with messages or tools',
  },
  {
    path: 'images',
    isWrong: ({ images, messages }) => images !== undefined && messages !== undefined,
    message: 'belong into the message that shows them',
  },
]

/** Everything that decides an answer: the body of `POST /api/runs`. Ollama's own spelling is taken, too. */
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

type Spoken = Omit<Fields, 'keep_alive' | 'top_logprobs' | 'keepAlive' | 'topLogprobs'>

/** Ollama knows tools only in a conversation, so a prompt with tools begins one. */
function withToolsInChat(given: Spoken): Spoken {
  const { prompt, images, ...rest } = given
  if (given.tools === undefined || prompt === undefined) return given
  const asked: Message = {
    role: 'user',
    content: prompt,
    ...(images === undefined ? {} : { images }),
  }
  return { ...rest, messages: [asked] }
}

export type Recipe = v.InferOutput<typeof Recipe>
