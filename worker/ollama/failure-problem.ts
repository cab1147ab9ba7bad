import type { Problem } from '../../src/lib/contract/problem.ts'
import { httpProblemFrom } from '../http/exceptions.ts'
import { homeProblem, type HomeAccess } from './home-problem.ts'

/** The problem for a failed request to the home. It runs a check if the answer alone is not conclusive. */
export async function problemFor(
  needs: HomeAccess,
  model: string,
  error: unknown,
): Promise<Problem> {
  const problem = await homeProblem(needs, model)(error).catch((problem: unknown) => problem)
  return internalProblem(problem)
}

/** A bug of ours gets an ID instead of a message. */
export const internalProblem = (bug: unknown): Problem => httpProblemFrom(bug).problem
