import type { Starter } from '../../src/lib/contract/access.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import type { Ports } from '../ports.ts'

/** Throws the reason why the queue did not accept a request. */
export async function throwRejection(
  ports: Pick<Ports, 'runQueue'>,
  starter: Starter,
  model: string,
): Promise<never> {
  const { code, detail, retryAfterS } = await ports.runQueue.rejection(starter, model)
  throw new HttpProblem(code, detail, {}, retryAfterS === undefined ? {} : retryAfter(retryAfterS))
}
