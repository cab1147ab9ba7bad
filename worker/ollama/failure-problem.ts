import type { Problem } from '../../src/lib/contract/problem.ts'
import { httpProblemFrom } from '../http/exceptions.ts'
import { homeProblem, type HomeAccess } from './home-problem.ts'

/** Why the home did not do what was asked, as it is told. Asks the home for second opinions where one answer is not enough. */
export async function problemFor(
  needs: HomeAccess,
  model: string,
  error: unknown,
): Promise<Problem> {
  const refusal = await homeProblem(needs, model)(error).catch((told: unknown) => told)
  return internalProblem(refusal)
}

/** A mistake of ours has an id and no words. */
export const internalProblem = (bug: unknown): Problem => httpProblemFrom(bug).problem
