import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { Output, Receipt } from '../../src/lib/contract/runs.ts'
import type { LastLine } from '../ollama/answer.ts'
import type { Facts } from '../models/facts.ts'
import { DAY_MS } from '../time.ts'

/** ms since 1970; `null` for what has not happened. */
export interface Timestamps {
  createdAt: number
  sentAt: number | null
  connectedAt: number | null
  thinkingAt: number | null
  answeringAt: number | null
  endedAt: number
}

const YEAR_MS = 365 * DAY_MS

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
/** Nanoseconds to milliseconds. Recorded durations are sometimes absent, 0, negative or absurd; proxies change their types. */
const msOf = (ns: unknown) =>
  typeof ns === 'number' && ns > 0 && ns / 1e6 < YEAR_MS ? rounded(ns / 1e6, 1) || null : null
const tenths = (ms: number | null) => (ms === null ? null : rounded(ms, 1))
const countOf = (count: unknown) =>
  typeof count === 'number' && Number.isInteger(count) && count > 0 ? count : null
const perSecond = (tokens: number | null, ms: number | null) =>
  tokens === null || ms === null ? null : rounded((tokens * 1000) / ms, 2)
const between = (from: number | null, to: number | null) =>
  from === null || to === null ? null : Math.max(0, to - from)

export function receiptOf(
  recipe: Recipe,
  facts: Facts,
  last: LastLine,
  output: Output,
  timestamps: Timestamps,
): Receipt {
  const { model, options = {}, think = null, keepAlive = null } = recipe
  const { version: ollamaVersion, digest, quantization, contextLength, gpuShare, cold } = facts
  const prompt = countOf(last.prompt_eval_count)
  return {
    model,
    digest,
    quantization,
    ollamaVersion,
    contextLength,
    gpuShare,
    cold,
    seed: options.seed ?? null,
    optionsSent: options,
    think,
    keepAlive,
    doneReason: typeof last.done_reason === 'string' ? last.done_reason : null,
    truncated: isTruncated(recipe, prompt, contextLength),
    tokens: { prompt, ...tokensOf(last, output) },
    ms: msOfPhases(last, output, timestamps),
    rate: {
      prompt: perSecond(prompt, msOf(last.prompt_eval_duration)),
      answer: perSecond(countOf(last.eval_count), msOf(last.eval_duration)),
    },
  }
}

/** Ollama counts thinking and answer together, so each is known only if the other is empty. */
function tokensOf(last: LastLine, { text, thinking }: Output) {
  const generated = countOf(last.eval_count)
  return {
    thinking: text === '' && thinking !== '' ? generated : null,
    answer: thinking === '' ? generated : null,
    generated,
  }
}

function msOfPhases(
  last: LastLine,
  { text, thinking }: Output,
  { createdAt, sentAt, connectedAt, thinkingAt, answeringAt, endedAt }: Timestamps,
): Receipt['ms'] {
  const evaluated = tenths(msOf(last.eval_duration))
  const total = between(sentAt, endedAt)
  const atHome = msOf(last.total_duration)
  const firstAt = Math.min(thinkingAt ?? Infinity, answeringAt ?? Infinity)
  return {
    queue: between(createdAt, sentAt),
    connect: between(sentAt, connectedAt),
    load: tenths(msOf(last.load_duration)),
    prompt: tenths(msOf(last.prompt_eval_duration)),
    thinking: thinking === '' ? null : between(thinkingAt, answeringAt ?? endedAt),
    answer: thinking === '' ? evaluated : text === '' ? null : between(answeringAt, endedAt),
    first: firstAt === Infinity ? null : between(sentAt, firstAt),
    total,
    overhead:
      total === null || atHome === null || atHome > total ? null : rounded(total - atHome, 1),
  }
}

/**
 * A prompt that fills the whole context was cut. In a chat Ollama drops the oldest messages instead, which shows nowhere:
 * only where there are none to drop it is known that nothing was.
 */
function isTruncated(
  { messages = [] }: Recipe,
  prompt: number | null,
  contextLength: number | null,
): boolean | null {
  if (prompt === null || contextLength === null) return null
  if (prompt >= contextLength - 1) return true
  return messages.filter(({ role }) => role !== 'system').length <= 1 ? false : null
}
