import {
  PROBLEM_TYPE,
  PROBLEMS,
  type Problem,
  type ProblemCode,
} from '../../src/lib/contract/problem.ts'
import { API_HEADERS } from './headers.ts'

/** An RFC 9457 problem. Routes throw it; the error handler of the API turns it into a response. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly problem: Problem
  readonly headers: Record<string, string>

  constructor(
    code: ProblemCode,
    detail: string,
    more: Partial<Problem> = {},
    headers: Record<string, string> = {},
  ) {
    super(detail)
    const { status, title } = PROBLEMS[code]
    this.problem = { type: `/help/${more.cause ?? code}`, title, status, code, detail, ...more }
    this.headers = headers
  }
}

export const retryAfter = (seconds: number) => ({ 'Retry-After': String(Math.ceil(seconds)) })

export function problemResponse({ problem, headers }: HttpProblem): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'Content-Type': PROBLEM_TYPE,
      ...API_HEADERS,
      ...headers,
    },
  })
}
