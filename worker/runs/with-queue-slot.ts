import type { Starter } from '../../src/lib/contract/access.ts'
import { HttpProblem, rejectTurn } from '../http/problem.ts'
import { refusalIn } from '../auth/revalidate-stream.ts'
import type { QueueSlot, Ports } from '../ports.ts'

/** Who waits for a turn, what for, and how they say that they have left. */
export interface Waiting {
  starter: Starter
  model: string
  left: AbortSignal
}

/** Waits for a turn at the home, then does `work`, which gives it back when the home is free again; a failure does so, too. */
export async function withQueueSlot<Result>(
  ports: Pick<Ports, 'turn' | 'whyNot'>,
  { starter, model, left }: Waiting,
  work: (place: QueueSlot) => Promise<Result>,
): Promise<Result> {
  const place =
    (await ports.turn(starter, model, left)) ?? (await rejectTurn(ports, starter, model))
  try {
    // Nobody reads this any more.
    if (left.aborted)
      throw refusalIn(left) ?? new HttpProblem('conflict', 'Whoever asked has left.')
    return await work(place)
  } catch (error) {
    // What came to nothing without their doing is not counted.
    if (!left.aborted) place.count(0)
    place.giveBack()
    throw refusalIn(left) ?? error
  }
}
