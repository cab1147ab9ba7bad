import type { Starter } from '../../src/lib/contract/access.ts'
import { revocationIn } from '../auth/revalidate-stream.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Ports } from '../ports.ts'
import { QueueSlot } from './queue-slot.ts'
import { throwRejection } from './rejection.ts'

/** A request that waits for its slot at the home. */
export interface Waiting {
  starter: Starter
  model: string
  /** Aborted when the client disconnects or its credential is revoked. */
  left: AbortSignal
}

/** Waits for a slot at the home, then calls `work`, which must give the slot back. A failure gives it back, too. */
export async function withQueueSlot<Result>(
  ports: Pick<Ports, 'runQueue'>,
  { starter, model, left }: Waiting,
  work: (slot: QueueSlot) => Promise<Result>,
): Promise<Result> {
  const lease =
    (await ports.runQueue.lease(starter, model)) ?? (await throwRejection(ports, starter, model))
  const slot = new QueueSlot(lease)
  left.addEventListener('abort', () => slot.giveBack(), { once: true })
  try {
    await slot.granted(left)
    if (left.aborted)
      throw revocationIn(left) ?? new HttpProblem('conflict', 'The client has disconnected.')
    return await work(slot)
  } catch (error) {
    // A request that failed through no fault of the caller does not count against its limits.
    if (!left.aborted) slot.count(0)
    slot.giveBack()
    throw revocationIn(left) ?? error
  }
}
