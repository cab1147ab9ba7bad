import type { ChatRequest, GenerateRequest } from 'ollama/browser'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { Output, ToolCall } from '../../src/lib/contract/runs.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from './client.ts'

/** A cold load on a slow disk is silent for minutes; Ollama itself gives up after five without progress. */
export const PATIENCE = { firstMs: 15 * 60_000, idleMs: 5 * 60_000 } as const

/** Ollama's own figures, on the last line. Durations in nanoseconds; any of them may be missing or absurd. */
export interface LastLine {
  done_reason?: string
  total_duration?: number
  load_duration?: number
  prompt_eval_count?: number
  prompt_eval_duration?: number
  eval_count?: number
  eval_duration?: number
}

/** A line of an answer, whichever route it came by. */
export interface Line extends Partial<Output> {
  logprobs?: unknown[]
  /** Only on the last one. */
  last?: LastLine
}

/** Carries a recipe out: one generation request. Throws `HomeFailure`, before the first line or after any. */
export async function* answerTo(config: Config, recipe: Recipe, leave: AbortSignal): AsyncGenerator<Line> {
  const ollama = ollamaAt(config, PATIENCE, leave)
  if (recipe.messages === undefined) {
    for await (const line of await ollama.generate(generateRequest(recipe))) {
      const { response: text, thinking } = line
      yield { text, thinking, ...extrasOf(line) }
    }
    return
  }
  for await (const line of await ollama.chat(chatRequest(recipe))) {
    const { content: text, thinking, tool_calls } = line.message
    yield { text, thinking, ...(tool_calls ? { toolCalls: tool_calls as ToolCall[] } : {}), ...extrasOf(line) }
  }
}

const extrasOf = (line: LastLine & { done: boolean; logprobs?: unknown[] }) => ({
  ...(line.logprobs ? { logprobs: line.logprobs } : {}),
  ...(line.done ? { last: line } : {}),
})

/** The fields that both routes have, in Ollama's spelling. Absent ones stay absent: Ollama has its own defaults. */
function sharedFields({ model, options, format, think, keepAlive, strict, logprobs, topLogprobs }: Recipe) {
  const fields = {
    model,
    options,
    format,
    think,
    keep_alive: keepAlive,
    logprobs,
    top_logprobs: topLogprobs,
    // Nothing is left out in silence: a prompt that does not fit is refused, an answer that does not fit ends.
    ...(strict ? { truncate: false, shift: false } : {}),
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function generateRequest(recipe: Recipe) {
  const { prompt = '', system, images, raw } = recipe
  const own = Object.entries({ system, images, raw }).filter(([, value]) => value !== undefined)
  const request = { ...sharedFields(recipe), prompt, ...Object.fromEntries(own), stream: true }
  return request as unknown as GenerateRequest & { stream: true }
}

function chatRequest(recipe: Recipe) {
  const { messages = [], system, tools } = recipe
  const said = messages.map(({ toolCalls, toolName, ...message }) => ({
    ...message,
    ...(toolCalls === undefined ? {} : { tool_calls: toolCalls }),
    ...(toolName === undefined ? {} : { tool_name: toolName }),
  }))
  const request = {
    ...sharedFields(recipe),
    messages: system === undefined ? said : [{ role: 'system', content: system }, ...said],
    ...(tools === undefined ? {} : { tools }),
    stream: true,
  }
  return request as unknown as ChatRequest & { stream: true }
}
