import type { Problem } from '../../src/lib/contract/problem.ts'
import { Refusal } from '../access/problem.ts'
import { homeProblem } from '../ollama/home-problem.ts'
import type { Ports } from '../ports.ts'

/** Why the home did not do what was asked, as it is told. Asks the home for second opinions where one answer is not enough. */
export async function problemFor(
  needs: Pick<Ports, 'config' | 'check'>,
  model: string,
  error: unknown,
): Promise<Problem> {
  const refusal = await homeProblem(needs, model)(error).catch((told: unknown) => told)
  return refusal instanceof Refusal ? refusal.problem : confess(refusal)
}

/** A mistake of ours has an id and no words. */
export function confess(error: unknown): Problem {
  const id = crypto.randomUUID()
  console.error(JSON.stringify({ t: new Date().toISOString(), code: 'internal', id }), error)
  return new Refusal('internal', 'This is our fault. Try again; if it stays, tell us the id.', { id }).problem
}
