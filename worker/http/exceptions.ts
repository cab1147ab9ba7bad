import { HTTPException } from 'hono/http-exception'
import { log } from '../log.ts'
import { HttpProblem } from './problem.ts'

/** Any other exception is a bug: the response contains an id for finding it in the log, and no stack. */
export function httpProblemFrom(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error
  if (error instanceof HTTPException && error.status === 400)
    return new HttpProblem('invalid', 'The body is not valid JSON.', {
      status: 400,
      errors: [{ path: '', message: 'is not JSON' }],
    })
  const id = crypto.randomUUID()
  log({ code: 'internal', id, error })
  const detail = 'This is our fault. Try again; if it happens again, report this id.'
  return new HttpProblem('internal', detail, { id })
}
