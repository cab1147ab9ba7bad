import { refuseMore } from '../access/problem.ts'

/** Waits for a turn at the home, then does `work`, which gives it back when the home is free again; a failure does so, too. */
export async function inTurn<Result>(
  turn: () => Promise<(() => void) | null>,
  work: (giveBack: () => void) => Promise<Result>,
): Promise<Result> {
  const giveBack = (await turn()) ?? refuseMore()
  try {
    return await work(giveBack)
  } catch (error) {
    giveBack()
    throw error
  }
}
