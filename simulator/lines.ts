/** The objects of an answer, in the order of fields in which Go writes them. */
import { hash, pieces, tokenId } from './answers.ts'
import { timestamp } from './durations.ts'
import type { Json } from './go-json.ts'
import type { Task } from './requests.ts'
import { has } from './versions.ts'

export interface Piece {
  kind: 'text' | 'thinking' | 'tool' | 'silent'
  text: string
  call?: { name: string; arguments: Json }
}

export interface Figures {
  reason: 'stop' | 'length'
  totalMs: number
  loadMs: number
  promptCount: number
  promptMs: number
  count: number
  evalMs: number
  spoken: readonly string[]
}

const MS = 1_000_000
/** With one token there is no time between tokens, and 0.12 sends the smallest number. */
const NO_DURATION = -(2 ** 63)

/** The number of tokens that the template of the recorded models adds to a turn. */
const WRAP = [105, 2364, 107, 106, 107, 105, 4368, 107] as const satisfies readonly number[]

export function promptTokens(task: Task): number {
  return pieces(task.reading).length + (task.body.raw === true ? 0 : WRAP.length)
}

function contextOf(task: Task, figures: Figures): number[] {
  const before = Array.isArray(task.body.context)
    ? task.body.context.filter((id) => typeof id === 'number')
    : []
  return [
    ...before,
    ...WRAP.slice(0, 3),
    ...pieces(task.reading).map(tokenId),
    ...WRAP.slice(3),
    ...figures.spoken.map(tokenId),
  ]
}

function said(task: Task, text: string, thinking = '', calls: readonly Piece[] = []) {
  const thought = thinking ? { thinking } : {}
  if (task.api === 'generate') return { response: text, ...thought }
  const toolCalls = calls.map(({ text: id, call }, index) => ({ id, function: { index, ...call } }))
  return {
    message: {
      role: 'assistant',
      content: text,
      ...thought,
      ...(calls.length > 0 ? { tool_calls: toolCalls } : {}),
    },
  }
}

const head = (task: Task) => ({ model: task.name, created_at: timestamp() })

function logprob(token: string) {
  return { token, logprob: -((hash(token) % 4000) + 1) / 1000, bytes: [...Buffer.from(token)] }
}

function logprobs(task: Task, tokens: readonly string[]) {
  if (task.body.logprobs !== true) return {}
  const top = Number(task.body.top_logprobs ?? 0)
  const rivals = (token: string) =>
    Array.from({ length: top }, (_, index) => logprob(index === 0 ? token : `${token}${index}`))
  return {
    logprobs: tokens.map((token) => ({
      ...logprob(token),
      ...(top > 0 ? { top_logprobs: rivals(token) } : {}),
    })),
  }
}

export function pieceLine(task: Task, piece: Piece): object {
  const parts = {
    text: said(task, piece.text),
    thinking: said(task, '', piece.text),
    tool: said(task, '', '', [piece]),
    silent: said(task, ''),
  } as const satisfies Record<Piece['kind'], object>
  return { ...head(task), ...parts[piece.kind], done: false, ...logprobs(task, [piece.text]) }
}

function doneOf(task: Task, reason: string) {
  return { done: true, ...(has(task.version, 'doneReason') ? { done_reason: reason } : {}) }
}

function evalDuration(task: Task, figures: Figures) {
  if (figures.count > 1) return { eval_duration: Math.round(figures.evalMs * MS) }
  return has(task.version, 'everyTokenVisible') ? {} : { eval_duration: NO_DURATION }
}

function stats(task: Task, figures: Figures) {
  return {
    ...doneOf(task, figures.reason),
    ...(task.api === 'generate' && task.body.raw !== true
      ? { context: contextOf(task, figures) }
      : {}),
    total_duration: Math.round(figures.totalMs * MS),
    load_duration: Math.max(1, Math.round(figures.loadMs * MS)),
    prompt_eval_count: figures.promptCount,
    prompt_eval_duration: Math.max(1, Math.round(figures.promptMs * MS)),
    eval_count: figures.count,
    ...evalDuration(task, figures),
  }
}

export function doneLine(task: Task, figures: Figures): object {
  return { ...head(task), ...said(task, ''), ...stats(task, figures) }
}

/** stream:false: everything in one object; without figures it is the answer of a runner that ended. */
export function wholeAnswer(task: Task, all: readonly Piece[], figures: Figures | null): object {
  const join = (kind: Piece['kind']) =>
    all.filter((piece) => piece.kind === kind).map((piece) => piece.text)
  const words = said(
    task,
    join('text').join(''),
    join('thinking').join(''),
    all.filter((piece) => piece.kind === 'tool'),
  )
  return {
    ...head(task),
    ...words,
    ...(figures ? stats(task, figures) : { done: false }),
    ...logprobs(task, join('text')),
  }
}

/** The answer to a request that only loads or unloads. */
export function emptyAnswer(task: Task, reason: 'load' | 'unload'): object {
  return { ...head(task), ...said(task, ''), ...doneOf(task, reason) }
}
