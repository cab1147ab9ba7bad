/** Answers one request as the current fault requires. */
import type { Exchange } from './connection.ts'
import { SCOPES } from './fault.ts'
import type { Fault, SocketFault } from './fault.ts'
import { untilLeft } from './generation.ts'
import { askOllama } from './ollama.ts'
import { nginxPage } from './pages.ts'
import { pause } from './turnstile.ts'
import type { World } from './world.ts'

/** Counts requests, for two servers in turn or one that answers every second request. */
export interface Scene {
  world: World
  other: World
  turn: number
}

const ON_REQUEST = {
  resets: async (exchange) => {
    await exchange.readBody()
    exchange.reply.reset()
  },
  hangs: async (exchange) => {
    await exchange.readBody()
    await untilLeft(exchange)
  },
} as const satisfies Partial<Record<SocketFault, (exchange: Exchange) => Promise<void>>>

export async function respond(
  fault: Fault | null,
  exchange: Exchange,
  scene: Scene,
): Promise<void> {
  if (fault === null || !(await isAnswered(fault, exchange, scene))) {
    const isOthers = fault?.kind === 'split' && scene.turn % 2 === 1
    await askOllama(isOthers ? otherOf(fault.by, scene) : changed(scene.world, fault), exchange)
  }
}

/** Whether something answered in place of Ollama, or no answer is allowed. */
async function isAnswered(fault: Fault, exchange: Exchange, { turn }: Scene): Promise<boolean> {
  const { reply, left } = exchange
  if (fault.kind === 'answer' && SCOPES[fault.scope](exchange)) {
    await exchange.readBody()
    if (await pause(fault.afterMs, left)) reply.foreign(fault.answer(exchange))
    return true
  }
  if (fault.kind === 'turns' && SCOPES[fault.scope](exchange) && turn % 2 === 1) {
    await exchange.readBody()
    reply.foreign(fault.answer(exchange))
    return true
  }
  if (fault.kind === 'silent' && SCOPES[fault.scope](exchange)) {
    await (fault.isCut ? ON_REQUEST.resets : ON_REQUEST.hangs)(exchange)
    return true
  }
  if (fault.kind === 'socket' && fault.socket in ON_REQUEST) {
    await ON_REQUEST[fault.socket as keyof typeof ON_REQUEST](exchange)
    return true
  }
  if (fault.kind === 'cache') return cached(fault.isDown, exchange)
  return fault.kind === 'slow' && !(await pause(fault.afterMs, left))
}

function otherOf(by: 'everything' | 'one model', { world, other }: Scene): World {
  return by === 'everything' ? other : { ...world, models: world.models.slice(1) }
}

const KEPT_FOR_S = 30

async function cached(isDown: boolean, exchange: Exchange): Promise<boolean> {
  const { head, reply } = exchange
  if (head.method === 'GET') {
    reply.common.set('Age', [String(KEPT_FOR_S)])
    return false
  }
  await exchange.readBody()
  if (isDown) reply.foreign(nginxPage(502, '502 Bad Gateway'))
  return isDown
}

function changed(world: World, fault: Fault | null): World {
  if (fault?.kind !== 'ollama') return world
  const { unusable, ...change } = fault.change
  const after = { ...world, ...change }
  return { ...after, usable: after.models.filter((model) => model.name !== unusable) }
}
