/** /api/generate and /api/chat: from the request to the last line. */
import { THOUGHT, answerTo, pieces, sampleOf, subject, toolCall } from './answers.ts'
import type { Exchange } from './connection.ts'
import { encode } from './go-json.ts'
import { doneLine, emptyAnswer, pieceLine, promptTokens, wholeAnswer } from './lines.ts'
import type { Figures, Piece } from './lines.ts'
import { DEFAULT_NUM_CTX } from './models.ts'
import { atPace } from './pace.ts'
import { isEmpty, isRefusal, messagesOf, readTask, toolsOf } from './requests.ts'
import type { Api, Refusal, Task } from './requests.ts'
import { STREAM_FAULTS, WHOLE_FAULTS, faultLine } from './stream-faults.ts'
import { pause } from './turnstile.ts'
import { has } from './versions.ts'
import type { World } from './world.ts'

const NDJSON = 'application/x-ndjson'
/** How many times faster the model reads than it writes. */
const READING_SPEED = 20
const TOOL_CALL_TOKENS = 18
const NEVER = new AbortController().signal

const numberOf = (task: Task, option: string): number | null => {
  const value = task.options[option]
  return typeof value === 'number' ? value : null
}

const numCtxOf = (task: Task): number =>
  numberOf(task, 'num_ctx') ?? task.model.numCtx ?? DEFAULT_NUM_CTX

/** Errors that only the runner detects, after the load. */
function lateRefusal(task: Task): Refusal | null {
  const { format, truncate } = task.body
  const odd = format !== undefined && format !== null && format !== '' && format !== 'json'
  if (odd && (typeof format !== 'object' || Array.isArray(format))) {
    return {
      status: 500,
      error: `invalid format: ${JSON.stringify(JSON.stringify(format))}; expected "json" or a valid JSON Schema object`,
    }
  }
  const images = [task.body, ...messagesOf(task.body)].some(
    ({ images }) => Array.isArray(images) && images.length > 0,
  )
  if (images && !task.model.capabilities.includes('vision')) {
    return {
      status: 500,
      error:
        'Failed to create new sequence: failed to process inputs: this model is missing data required for image input',
    }
  }
  const over = promptTokens(task) > numCtxOf(task)
  return over && truncate === false
    ? { status: 400, error: 'the input length exceeds the context length' }
    : null
}

function seedOf(task: Task): string {
  const fixed = numberOf(task, 'seed')
  if (fixed !== null) return String(fixed)
  return numberOf(task, 'temperature') === 0 ? '' : String(Math.random())
}

function textOf(task: Task): string {
  const last = messagesOf(task.body).at(-1)
  const { format } = task.body
  if (format)
    return JSON.stringify(
      sampleOf(format === 'json' ? { properties: { answer: {} } } : format, subject(task.prompt)),
      null,
      2,
    )
  if (last?.role === 'tool') return `The tool answered: ${task.prompt}`
  return answerTo(task.prompt, seedOf(task))
}

function toolPieces(task: Task): Piece[] {
  const silent = Array.from({ length: TOOL_CALL_TOKENS }, (): Piece => ({
    kind: 'silent',
    text: '',
  }))
  const id = `call_${Math.random().toString(36).slice(2, 10).padEnd(8, '0')}`
  return [...silent, { kind: 'tool', text: id, call: toolCall(toolsOf(task.body), task.prompt) }]
}

function untilStop(task: Task, text: string): string {
  const { stop } = task.options
  const places = (Array.isArray(stop) ? stop : [])
    .map((word) => text.indexOf(word as string))
    .filter((at) => at >= 0)
  return text.slice(0, Math.min(text.length, ...places))
}

function allPieces(task: Task): Piece[] {
  const thought = task.think
    ? pieces(THOUGHT).map((text): Piece => ({ kind: 'thinking', text }))
    : []
  const asksTool =
    toolsOf(task.body).length > 0 &&
    !task.body.format &&
    messagesOf(task.body).at(-1)?.role !== 'tool'
  if (asksTool) return [...thought, ...toolPieces(task)]
  return [
    ...thought,
    ...pieces(untilStop(task, textOf(task))).map((text): Piece => ({ kind: 'text', text })),
  ]
}

interface Plan {
  pieces: readonly Piece[]
  count: number
  reason: Figures['reason']
}

/** 0.12 counts the last token of a cut answer without sending it; the end of an answer is a token as well. */
function plan(task: Task, version: string): Plan {
  const all = allPieces(task)
  const limit = numberOf(task, 'num_predict') ?? -1
  if (limit <= 0 || limit > all.length)
    return { pieces: all, count: all.length + 1, reason: 'stop' }
  return {
    pieces: all.slice(0, has(version, 'everyTokenVisible') ? limit : limit - 1),
    count: limit,
    reason: 'length',
  }
}

interface Run {
  task: Task
  world: World
  exchange: Exchange
  startedAt: number
  loadMs: number
}

function figuresOf(
  { task, startedAt, loadMs }: Run,
  chosen: Plan,
  promptMs: number,
  evalMs: number,
): Figures {
  const spoken = chosen.pieces.map((piece) => piece.text)
  const promptCount = Math.min(promptTokens(task), numCtxOf(task))
  return {
    reason: chosen.reason,
    totalMs: performance.now() - startedAt,
    loadMs,
    promptCount,
    promptMs,
    count: chosen.count,
    evalMs,
    spoken,
  }
}

function refuseLate({ task, exchange }: Run, { status, error }: Refusal): void {
  if (!task.stream) return exchange.reply.error(status, error)
  exchange.reply.part(encode({ error }), 'application/json', status)
  exchange.reply.endStream()
}

function send({ task, world, exchange }: Run, piece: Piece): void {
  if (piece.kind === 'silent') return
  exchange.reply.part(
    `${encode(pieceLine(task, piece))}\n`,
    NDJSON,
    200,
    world.streamFault === 'split_bytes',
  )
}

/** True if the answer continues after the fault. */
async function breakStream({ world, exchange }: Run): Promise<boolean> {
  const fault = world.streamFault
  if (fault === undefined || fault === 'split_bytes') return true
  const line = faultLine(fault)
  if (line !== null) exchange.reply.part(line, NDJSON)
  return STREAM_FAULTS[fault](exchange)
}

async function speak(run: Run, chosen: Plan): Promise<boolean> {
  const { reply, left } = run.exchange
  const breakAt = Math.min(run.world.faultAfter, chosen.pieces.length)
  const upTo = async (from: number, to: number) => {
    reply.hold()
    for (const piece of chosen.pieces.slice(from, to)) send(run, piece)
    reply.release()
    await reply.drained()
    return !left.aborted
  }
  return atPace({
    count: chosen.pieces.length,
    perSecond: run.world.tokensPerSecond,
    left,
    emit: async (from, to) => {
      if (from >= breakAt || to < breakAt) return upTo(from, to)
      return (await upTo(from, breakAt)) && (await breakStream(run)) && upTo(breakAt, to)
    },
  })
}

async function stream(run: Run, chosen: Plan, promptMs: number): Promise<void> {
  const { reply } = run.exchange
  const from = performance.now()
  if (!(await speak(run, chosen))) return
  const last = doneLine(run.task, figuresOf(run, chosen, promptMs, performance.now() - from))
  reply.part(`${encode(last)}\n`, NDJSON, 200, run.world.streamFault === 'split_bytes')
  reply.endStream()
}

async function whole(run: Run, chosen: Plan, promptMs: number): Promise<void> {
  const { task, world, exchange } = run
  const evalMs = (chosen.count * 1000) / world.tokensPerSecond
  if (!(await pause(evalMs, exchange.left))) return
  const healthy =
    world.streamFault === undefined ||
    world.streamFault === 'split_bytes' ||
    world.streamFault === 'garbage_line'
  const cut = world.streamFault === 'ends_early'
  if (!healthy && !cut)
    return WHOLE_FAULTS[world.streamFault as keyof typeof WHOLE_FAULTS](exchange)
  exchange.reply.json(
    200,
    wholeAnswer(task, chosen.pieces, cut ? null : figuresOf(run, chosen, promptMs, evalMs)),
  )
}

async function answer(run: Run): Promise<void> {
  const { task, world, exchange } = run
  const refusal = lateRefusal(task)
  if (refusal) return refuseLate(run, refusal)
  const promptMs = (promptTokens(task) * 1000) / (world.tokensPerSecond * READING_SPEED)
  // A client that disconnects now does not free the runner, which reads the whole prompt.
  await pause(promptMs, NEVER)
  if (exchange.left.aborted) return
  return (task.stream ? stream : whole)(run, plan(task, world.version), promptMs)
}

async function loaded(
  task: Task,
  world: World,
  exchange: Exchange,
  startedAt: number,
): Promise<void> {
  const wish = {
    model: task.model,
    numCtx: numberOf(task, 'num_ctx'),
    keepAliveMs: task.keepAliveMs,
    left: exchange.left,
  }
  const held = await world.memory.hold(wish)
  if (held === null) return
  if ('error' in held) return exchange.reply.error(500, held.error)
  try {
    if (isEmpty(task)) exchange.reply.json(200, emptyAnswer(task, 'load'))
    else await answer({ task, world, exchange, startedAt, loadMs: performance.now() - startedAt })
  } finally {
    held.release()
  }
}

export async function generation(api: Api, world: World, exchange: Exchange): Promise<void> {
  const startedAt = performance.now()
  const task = readTask(api, await exchange.readBody(), world.usable, world.version)
  if (isRefusal(task)) return exchange.reply.error(task.status, task.error)
  if (isEmpty(task) && task.keepAliveMs === 0) {
    world.memory.unload(task.model)
    return exchange.reply.json(200, emptyAnswer(task, 'unload'))
  }
  if (world.refusal) return exchange.reply.error(world.refusal.status, world.refusal.error)
  if (world.silent) return untilLeft(exchange)
  return loaded(task, world, exchange, startedAt)
}

export function untilLeft({ left }: Exchange): Promise<void> {
  if (left.aborted) return Promise.resolve()
  return new Promise((resolve) => left.addEventListener('abort', () => resolve()))
}
