import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { httpProblemFrom } from '../http/exceptions.ts'
import { API_HEADERS } from '../http/headers.ts'
import { roughTokens } from '../runs/recipe-limits.ts'
import { revocationIn } from '../auth/revalidate-stream.ts'
import { answerTo, type Line } from '../ollama/answer.ts'
import { brokenProblem, homeProblem } from '../ollama/home-problem.ts'
import { streamFrom, streamResponse } from '../http/stream.ts'
import { withQueueSlot, type Waiting } from '../runs/with-queue-slot.ts'
import type { QueueSlot } from '../runs/queue-slot.ts'
import type { Ports } from '../ports.ts'
import { chunksOf, completionOf, usageOf } from './chat-answer.ts'
import type { ChatRequest } from './chat-request.ts'
import { errorBody } from './errors.ts'

/** ms. A failure within this has a status of its own; after that the answer has begun, and a failure is a part of it. */
const STATUS_WITHIN_MS = 1000
/**
 * ms. A load is silent for minutes. What stands between us and the client takes silence for the end, and a client that is
 * gone is noticed where something is written: `enable_request_signal` tells of it at once only at Cloudflare's edge.
 */
const BEAT_MS = 400
const BEAT = ': waiting\n\n'

interface Asking extends Waiting {
  /** Told once when the answer is over. */
  stop: () => void
}

/** Carries a recipe out in its turn, and answers as OpenAI does. Who leaves ends the request at the home. */
export async function chat(
  ports: Ports,
  request: ChatRequest,
  recipe: Recipe,
  asking: Asking,
): Promise<Response> {
  const leave = new AbortController()
  const left = AbortSignal.any([leave.signal, asking.left])
  const opening = open(ports, recipe, { ...asking, left })
  const lines = linesOf(ports, recipe, opening, { left, stop: asking.stop })
  if (!request.stream)
    return Response.json(await completionOf(request, lines), { headers: API_HEADERS })
  const first = lines.next()
  const isRefused = await Promise.race([
    opening.then(
      () => false,
      () => true,
    ),
    pause(STATUS_WITHIN_MS),
  ])
  if (isRefused) await first
  const frames = withBeats(framesOf(chunksOf(request, resumed(first, lines))))
  const body = streamFrom(frames, () => leave.abort())
  return streamResponse(body, 'text/event-stream')
}

interface Opened {
  first: IteratorResult<Line>
  rest: AsyncGenerator<Line>
  slot: QueueSlot
}

/** Until the turn has come and the home has said its first line. */
const open = (ports: Ports, recipe: Recipe, waiting: Waiting): Promise<Opened> =>
  withQueueSlot(ports, waiting, async (slot) => {
    slot.count(roughTokens(recipe))
    const rest = answerTo(ports.config, recipe, waiting.left)
    return { first: await rest.next(), rest, slot }
  })

/** The lines of the answer. Throws a `Refusal` that names what is wrong. */
async function* linesOf(
  ports: Ports,
  recipe: Recipe,
  opening: Promise<Opened>,
  { left, stop }: Pick<Asking, 'left' | 'stop'>,
): AsyncGenerator<Line> {
  const opened = await opening.catch(homeProblem(ports, recipe.model)).catch((error: unknown) => {
    stop()
    throw error
  })
  try {
    yield* counted(resumed(opened.first, opened.rest), recipe, opened.slot)
  } catch (error) {
    const refusal = revocationIn(left)
    if (refusal) throw refusal
    brokenProblem(ports, recipe.model)(error)
  } finally {
    opened.slot.giveBack()
    stop()
  }
}

/** One by one, until the home says how many there were. */
async function* counted(
  lines: AsyncGenerator<Line>,
  recipe: Recipe,
  slot: QueueSlot,
): AsyncGenerator<Line> {
  let tokens = roughTokens(recipe)
  for await (const line of lines) {
    tokens = (line.last && usageOf(line.last).total_tokens) || tokens + 1
    slot.count(tokens)
    yield line
  }
}

async function* resumed<Item>(
  first: IteratorResult<Item> | Promise<IteratorResult<Item>>,
  rest: AsyncGenerator<Item>,
): AsyncGenerator<Item> {
  try {
    for (let next = await first; !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return(undefined)
  }
}

async function* framesOf(chunks: AsyncIterable<object>): AsyncGenerator<string> {
  const frame = (data: string) => `data: ${data}\n\n`
  try {
    for await (const chunk of chunks) yield frame(JSON.stringify(chunk))
    yield frame('[DONE]')
  } catch (error) {
    yield frame(JSON.stringify(errorBody(httpProblemFrom(error).problem)))
  }
}

/** A comment whenever there was nothing to say for a while. */
async function* withBeats(frames: AsyncGenerator<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  try {
    for (let next = frames.next(); ;) {
      const told = await Promise.race([next, pause(BEAT_MS)])
      if (told?.done) return
      yield encoder.encode(told?.value ?? BEAT)
      if (told) next = frames.next()
    }
  } finally {
    void frames.return(undefined)
  }
}

const pause = (ms: number) => new Promise<null>((resolve) => setTimeout(() => resolve(null), ms))
