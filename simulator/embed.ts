/** /api/embed: vectors that mean nothing, but are the same for the same text. */
import { hash, pieces } from './answers.ts'
import type { Exchange } from './connection.ts'
import { DEFAULT_NUM_CTX } from './models.ts'
import { findByName } from './names.ts'
import { isRefusal, readRequest } from './requests.ts'
import { untilLeft } from './generation.ts'
import type { World } from './world.ts'

const LENGTH = 64
const MS = 1_000_000

function vectorOf(text: string, length: number): number[] {
  const raw = Array.from({ length }, (_, index) => (hash(`${text} ${index}`) % 2000) / 1000 - 1)
  const norm = Math.hypot(...raw)
  return raw.map((number) => number / norm)
}

export async function embed(world: World, exchange: Exchange): Promise<void> {
  const { reply, readBody, left } = exchange
  const startedAt = performance.now()
  const request = readRequest('EmbedRequest', await readBody())
  if (isRefusal(request)) return reply.error(request.status, request.error)
  const { model: name, input, truncate, dimensions } = request.body
  const model = findByName(world.usable, (name ?? '') as string)
  if (!model)
    return reply.error(404, `model "${(name ?? '') as string}" not found, try pulling it first`)
  const texts = Array.isArray(input) ? input : [input]
  if (texts.some((text) => typeof text !== 'string')) return reply.error(400, 'invalid input type')
  if (world.refusal) return reply.error(world.refusal.status, world.refusal.error)
  if (world.silent) return untilLeft(exchange)
  const counts = texts.map((text) => pieces(text as string).length)
  const most = model.numCtx ?? DEFAULT_NUM_CTX
  if (truncate === false && counts.some((count) => count > most))
    return reply.error(400, 'input exceeds maximum context length')
  const held = await world.memory.hold({ model, numCtx: null, keepAliveMs: null, left })
  if (held === null) return
  if ('error' in held) return reply.error(500, held.error)
  const length = typeof dimensions === 'number' ? dimensions : LENGTH
  const embeddings = texts.map((text) => vectorOf(text as string, length))
  held.release()
  const total_duration = Math.round((performance.now() - startedAt) * MS)
  const prompt_eval_count = counts.reduce((sum, count) => sum + Math.min(count, most), 0)
  reply.json(200, {
    model: name ?? '',
    embeddings,
    total_duration,
    load_duration: 1,
    prompt_eval_count,
  })
}
