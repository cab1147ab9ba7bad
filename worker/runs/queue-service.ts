import { RpcTarget } from 'cloudflare:workers'
import type { Starter } from '../../src/lib/contract/access.ts'
import type { QueueSettings, QueueState } from '../../src/lib/contract/queue.ts'
import type { Auth } from '../auth/auth.ts'
import type { Implements } from '../ports.ts'
import type { SettingsStore } from '../settings/store.ts'
import type { QueuePort, Rejection } from './port.ts'
import type { PromptDrain } from './prompt-drain.ts'
import { QueueLease } from './queue-lease.ts'
import type { Queue } from './queue.ts'

const FULL: Rejection = {
  code: 'limit',
  detail: 'Too many runs are waiting. Stop one, or try again when one has ended.',
  retryAfterS: 10,
}

interface Dependencies {
  queue: Queue
  drain: PromptDrain
  settings: SettingsStore
  auth: Pick<Auth, 'rejection' | 'recordUsage'>
}

export class QueueService extends RpcTarget implements Implements<QueuePort> {
  readonly #dependencies: Dependencies

  constructor(dependencies: Dependencies) {
    super()
    this.#dependencies = dependencies
  }

  read(): QueueState {
    const { queue, drain } = this.#dependencies
    return { atOnce: queue.atOnce, entries: queue.list(), reading: drain.current }
  }

  change({ atOnce }: QueueSettings): QueueState {
    const { queue, settings } = this.#dependencies
    settings.write('atOnce', atOnce)
    queue.atOnce = atOnce
    return this.read()
  }

  lease(starter: Starter, model: string): QueueLease | null {
    if (!this.accepts(starter, model)) return null
    const { queue, auth } = this.#dependencies
    const { lane } = starter
    const token = lane === 'token' ? starter.id : null
    const onEnd = (spent: number) => {
      if (token !== null) auth.recordUsage(token, spent)
    }
    return new QueueLease(queue, { lane, token, model }, onEnd)
  }

  /** When this is called, the queue may have room again. */
  rejection(starter: Starter, model: string): Rejection {
    return this.#rejection(starter, model) ?? FULL
  }

  accepts(starter: Starter, model: string): boolean {
    return this.#rejection(starter, model) === null
  }

  #rejection(starter: Starter, model: string): Rejection | null {
    const { queue, auth } = this.#dependencies
    if (queue.isFull(starter.lane)) return FULL
    return starter.lane === 'token'
      ? auth.rejection(starter.id, model, queue.countOf(starter.id))
      : null
  }
}
