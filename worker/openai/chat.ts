import { EVENTS_TYPE } from '../../src/lib/contract/runs.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { revocationIn } from '../auth/revalidate-stream.ts'
import { httpProblemFrom } from '../http/exceptions.ts'
import { API_HEADERS } from '../http/headers.ts'
import { streamFrom, streamResponse } from '../http/stream.ts'
import { answerTo, type Line } from '../ollama/answer.ts'
import { brokenProblem, homeProblem } from '../ollama/home-problem.ts'
import type { Ports } from '../ports.ts'
import type { QueueSlot } from '../runs/queue-slot.ts'
import { roughTokens } from '../runs/recipe-limits.ts'
import { withQueueSlot, type Waiting } from '../runs/with-queue-slot.ts'
import { chunksOf, completionOf, usageOf } from './chat-answer.ts'
import type { ChatRequest } from './chat-request.ts'
import { errorBody } from './errors.ts'

/** A failure within this time has its own status. Later the stream has begun, and a failure is a part of it. */
const STATUS_WITHIN_MS = 1000
/**
 * A load is silent for minutes, and proxies and clients close silent connections. Writing also detects a client that has
 * disconnected: outside of Cloudflare's network `enable_request_signal` does not.
 */
const HEARTBEAT_MS = 400
const HEARTBEAT = ': waiting\n\n'

interface Client extends Waiting {
  /** Stops watching the client; called once the answer has ended. */
  stop: () => void
}

/** Runs a recipe in a queue slot, and answers in OpenAI's format. When the client disconnects, the request at the home ends. */
export async function chat(
  ports: Ports,
  request: ChatRequest,
  recipe: Recipe,
  client: Client,
): Promise<Response> {
  const cancellation = new AbortController()
  const left = AbortSignal.any([cancellation.signal, client.left])
  const opening = open(ports, recipe, { ...client, left })
  const lines = linesOf(ports, recipe, opening, { left, stop: client.stop })
  if (!request.stream)
    return Response.json(await completionOf(request, lines), { headers: API_HEADERS })
  const first = lines.next()
  if (await failsSoon(opening)) await first
  const frames = withHeartbeats(framesOf(chunksOf(request, resumed(first, lines))))
  return streamResponse(
    streamFrom(frames, () => cancellation.abort()),
    EVENTS_TYPE,
  )
}

interface OpenAnswer {
  first: IteratorResult<Line>
  rest: AsyncGenerator<Line>
  slot: QueueSlot
}

/** Resolves when the home has sent its first line. */
const open = (ports: Ports, recipe: Recipe, waiting: Waiting): Promise<OpenAnswer> =>
  withQueueSlot(ports, waiting, async (slot) => {
    slot.count(roughTokens(recipe))
    const rest = answerTo(ports.config, recipe, waiting.left)
    return { first: await rest.next(), rest, slot }
  })

const failsSoon = (opening: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    opening.then(
      () => false,
      () => true,
    ),
    timeout(STATUS_WITHIN_MS).then(() => false),
  ])

/** The lines of the answer. Throws the `HttpProblem` that explains a failure. */
async function* linesOf(
  ports: Ports,
  recipe: Recipe,
  opening: Promise<OpenAnswer>,
  { left, stop }: Pick<Client, 'left' | 'stop'>,
): AsyncGenerator<Line> {
  const answer = await opening.catch(homeProblem(ports, recipe.model)).catch((error: unknown) => {
    stop()
    throw error
  })
  try {
    yield* counted(resumed(answer.first, answer.rest), recipe, answer.slot)
  } catch (error) {
    const refusal = revocationIn(left)
    if (refusal) throw refusal
    brokenProblem(ports, recipe.model)(error)
  } finally {
    answer.slot.giveBack()
    stop()
  }
}

/** Counts a token for each line until the home reports the total. */
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

async function* withHeartbeats(frames: AsyncGenerator<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  try {
    for (let next = frames.next(); ;) {
      const frame = await Promise.race([next, timeout(HEARTBEAT_MS)])
      if (frame?.done) return
      yield encoder.encode(frame?.value ?? HEARTBEAT)
      if (frame) next = frames.next()
    }
  } finally {
    void frames.return(undefined)
  }
}

const timeout = (ms: number) => new Promise<null>((resolve) => setTimeout(() => resolve(null), ms))
