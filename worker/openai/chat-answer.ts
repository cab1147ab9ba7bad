import type { ToolCall } from '../../src/lib/contract/runs.ts'
import type { LastLine, Line } from '../ollama/answer.ts'
import type { ChatRequest } from './chat-request.ts'

interface Call {
  index: number
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

/** Turns the lines of one answer into OpenAI's words. Calls are numbered as they come, and named where Ollama did not. */
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
  const said = { text: '', thinking: '', calls: [] as Call[], logprobs: [] as unknown[] }
  let last: LastLine = {}
  for await (const line of lines) {
    said.text += line.text ?? ''
    said.thinking += line.thinking ?? ''
    said.calls.push(...translator.calls(line.toolCalls))
    said.logprobs.push(...(line.logprobs ?? []))
    last = line.last ?? last
  }
  const message = {
    role: 'assistant',
    content: said.text === '' && said.calls.length > 0 ? null : said.text,
    refusal: null,
    ...(said.thinking === '' ? {} : { reasoning: said.thinking }),
    ...(said.calls.length === 0
      ? {}
      : { tool_calls: said.calls.map(({ index: _, ...call }) => call) }),
  }
  return {
    id: translator.id,
    object: 'chat.completion',
    created: translator.created,
    model,
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        ...logprobsOf(said.logprobs),
        finish_reason: translator.finish(last),
      },
    ],
    usage: usageOf(last),
  }
}

/** Its `chat.completion.chunk`s, as they come. */
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
