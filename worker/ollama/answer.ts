import type { ChatRequest, GenerateRequest, Message } from 'ollama/browser'
import { ollamaRequest } from '../../src/lib/contract/ollama-request.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { Output, ToolCall } from '../../src/lib/contract/runs.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from './client.ts'

/** A cold load on a slow disk is silent for minutes; Ollama itself gives up after five without progress. */
export const TIMEOUTS = { firstMs: 15 * 60_000, idleMs: 5 * 60_000 } as const

/** Ollama's own figures, on the last line. Durations are in nanoseconds; any of them may be missing or absurd. */
export interface LastLine {
  done_reason?: string
  total_duration?: number
  load_duration?: number
  prompt_eval_count?: number
  prompt_eval_duration?: number
  eval_count?: number
  eval_duration?: number
}

/** One line of an answer, from either route. */
export interface Line extends Partial<Output> {
  logprobs?: unknown[]
  /** Only on the last line. */
  last?: LastLine
}

/** Runs a recipe with one request to the home. Throws `HomeFailure`, before the first line or after any line. */
export async function* answerTo(
  config: Config,
  recipe: Recipe,
  leave: AbortSignal,
): AsyncGenerator<Line> {
  const ollama = ollamaAt(config, TIMEOUTS, leave)
  if (recipe.messages === undefined) {
    for await (const line of await ollama.generate(
      requestOf(recipe) as Streamed<GenerateRequest>,
    )) {
      const { response: text, thinking } = line
      yield { text, thinking, ...extrasOf(line) }
    }
    return
  }
  for await (const line of await ollama.chat(requestOf(recipe) as Streamed<ChatRequest>)) {
    const {
      content: text,
      thinking,
      tool_calls,
    } = (line.message as Partial<Message> | null | undefined) ?? {}
    yield { text, thinking, ...callsOf(tool_calls), ...extrasOf(line) }
  }
}

/** A call without a name is dropped, because no client could answer it. */
function callsOf(calls: unknown): { toolCalls?: ToolCall[] } {
  const isCall = (one: unknown): one is ToolCall =>
    typeof (one as Partial<ToolCall> | null)?.function?.name === 'string'
  const named = Array.isArray(calls) ? calls.filter(isCall) : []
  return named.length > 0 ? { toolCalls: named } : {}
}

const extrasOf = (line: LastLine & { done: boolean; logprobs?: unknown[] }) => ({
  ...(line.logprobs ? { logprobs: line.logprobs } : {}),
  ...(line.done ? { last: line } : {}),
})

type Streamed<Request> = Request & { stream: true }

const requestOf = (recipe: Recipe): unknown => ({ ...ollamaRequest(recipe).body, stream: true })
