import type { ToolCall } from '../../src/lib/contract/runs.ts'
import type { LastLine, Line } from '../ollama/answer.ts'
import type { ChatRequest } from './chat-request.ts'

interface Call {
  index: number
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

/** Translates one answer into OpenAI's format. Numbers the tool calls, and gives those an id that have none. */
class Translator {
  #calls = 0
  readonly id = `chatcmpl-${crypto.randomUUID().replaceAll('-', '')}`
  readonly created = Math.floor(Date.now() / 1000)

  calls(toolCalls: readonly ToolCall[] = []): Call[] {
    return toolCalls.map(({ id, function: { name, arguments: given } }) => ({
      index: this.#calls++,
      id: id || `call_${crypto.randomUUID().slice(0, 8)}`,
      type: 'function',
      function: { name, arguments: JSON.stringify(given) },
    }))
  }

  finish({ done_reason }: LastLine) {
    if (done_reason === 'length') return 'length'
    return this.#calls > 0 ? 'tool_calls' : 'stop'
  }
}

export const usageOf = ({
  prompt_eval_count: prompt = 0,
  eval_count: completion = 0,
}: LastLine) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
})

const logprobsOf = (logprobs: unknown[] | undefined) =>
  logprobs?.length ? { logprobs: { content: logprobs, refusal: null } } : {}

/** A `chat.completion`. */
export async function completionOf(
  { model }: ChatRequest,
  lines: AsyncIterable<Line>,
): Promise<object> {
  const translator = new Translator()
  const { last, ...answer } = await collect(translator, lines)
  return {
    id: translator.id,
    object: 'chat.completion',
    created: translator.created,
    model,
    choices: [
      {
        index: 0,
        message: messageOf(answer),
        logprobs: null,
        ...logprobsOf(answer.logprobs),
        finish_reason: translator.finish(last),
      },
    ],
    usage: usageOf(last),
  }
}

interface Answer {
  text: string
  thinking: string
  calls: Call[]
  logprobs: unknown[]
}

async function collect(
  translator: Translator,
  lines: AsyncIterable<Line>,
): Promise<Answer & { last: LastLine }> {
  const answer: Answer = { text: '', thinking: '', calls: [], logprobs: [] }
  let last: LastLine = {}
  for await (const line of lines) {
    answer.text += line.text ?? ''
    answer.thinking += line.thinking ?? ''
    answer.calls.push(...translator.calls(line.toolCalls))
    answer.logprobs.push(...(line.logprobs ?? []))
    last = line.last ?? last
  }
  return { ...answer, last }
}

const messageOf = ({ text, thinking, calls }: Answer) => ({
  role: 'assistant',
  content: text === '' && calls.length > 0 ? null : text,
  refusal: null,
  ...(thinking === '' ? {} : { reasoning: thinking }),
  ...(calls.length === 0 ? {} : { tool_calls: calls.map(({ index: _, ...call }) => call) }),
})

/** The `chat.completion.chunk`s, one for each line. */
export async function* chunksOf(
  { model, stream_options }: ChatRequest,
  lines: AsyncIterable<Line>,
): AsyncGenerator<object> {
  const translator = new Translator()
  const isWithUsage = stream_options?.include_usage === true
  const chunk = (choices: object[], usage: object | null = null) => ({
    id: translator.id,
    object: 'chat.completion.chunk',
    created: translator.created,
    model,
    choices,
    ...(isWithUsage ? { usage } : {}),
  })
  let role: object = { role: 'assistant', content: '' }
  for await (const line of lines) {
    const delta = { ...role, ...deltaOf(line, translator.calls(line.toolCalls)) }
    role = {}
    if (Object.keys(delta).length > 0 || line.logprobs?.length)
      yield chunk([{ index: 0, delta, ...logprobsOf(line.logprobs), finish_reason: null }])
    if (!line.last) continue
    yield chunk([{ index: 0, delta: {}, finish_reason: translator.finish(line.last) }])
    if (isWithUsage) yield chunk([], usageOf(line.last))
  }
}

const deltaOf = ({ text, thinking }: Line, calls: Call[]) => ({
  ...(text ? { content: text } : {}),
  ...(thinking ? { reasoning: thinking } : {}),
  ...(calls.length > 0 ? { tool_calls: calls } : {}),
})
