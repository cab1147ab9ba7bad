import type { Starter } from '../../src/lib/contract/access.ts'
import { Refusal } from '../access/problem.ts'
import type { Ports } from '../ports.ts'

const RETRY_AFTER_S = '10'

/** Who waits for a turn, and how they say that they have left. */
export interface Waiting {
  starter: Starter
  left: AbortSignal
}

/**
 * Waits for a turn at the home, then does `work`, which gives it back when the home is free again; a failure does so, too.
 * Who leaves while waiting loses the place at once.
 */
export async function inTurn<Result>(
  turn: Ports['turn'],
  { starter, left }: Waiting,
  work: (giveBack: () => void) => Promise<Result>,
): Promise<Result> {
  const giveBack = await turn(starter, left)
  if (giveBack === null)
    throw new Refusal('limit', 'Too many wait for the home already.', {}, { 'Retry-After': RETRY_AFTER_S })
  try {
    // Nobody reads this any more.
    if (left.aborted) throw new Refusal('conflict', 'Whoever asked has left.')
    return await work(giveBack)
  } catch (error) {
    giveBack()
    throw error
  }
}
