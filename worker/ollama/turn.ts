import type { Lane } from '../../src/lib/contract/access.ts'
import { Refusal, refuseMore } from '../access/problem.ts'
import type { Ports } from '../ports.ts'

/** Who waits for a turn, what for, and how they say that they have left. */
export interface Waiting {
  lane: Lane
  model: string
  left: AbortSignal
}

/** Waits for a turn at the home, then does `work`, which gives it back when the home is free again; a failure does so, too. */
export async function inTurn<Result>(
  { turn }: Pick<Ports, 'turn'>,
  { lane, model, left }: Waiting,
  work: (giveBack: () => void) => Promise<Result>,
): Promise<Result> {
  const giveBack = (await turn(lane, model, left)) ?? refuseMore()
  try {
    // Nobody reads this any more.
    if (left.aborted) throw new Refusal('conflict', 'Whoever asked has left.')
    return await work(giveBack)
  } catch (error) {
    giveBack()
    throw error
  }
}
