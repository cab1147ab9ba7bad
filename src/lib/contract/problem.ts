import type { Cause, ReasonName, Step } from '../diagnosis/index.ts'

/** Why a request was not carried out (RFC 9457, `application/problem+json`). */
export interface Problem {
  type: string
  title: string
  status: number
  code: ProblemCode
  detail: string
  /** With `invalid`: what is wrong where. */
  errors?: { path: string; message: string }[]
  /** With `home`: the home is to blame, and this is how. */
  cause?: Cause
  reason?: ReasonName
  fix?: Step[]
  /** With `low`, `alternatives` fit as well, likeliest first. */
  confidence?: 'high' | 'low'
  alternatives?: Cause[]
  /** What was seen that says it, and where the cause is explained. */
  why?: string
  help?: string
  /** With `internal`: what to quote when asking us about it. */
  id?: string
}

export const PROBLEMS = {
  invalid: { status: 422, title: 'The request is not valid' },
  not_signed_in: { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'There is nothing here' },
  conflict: { status: 409, title: 'That does not fit what is there' },
  too_large: { status: 413, title: 'Too large' },
  unsupported: { status: 415, title: 'Not in this form' },
  limit: { status: 429, title: 'Too often' },
  not_set_up: { status: 503, title: 'Not set up yet' },
  home: { status: 503, title: 'The home did not answer' },
  internal: { status: 500, title: 'Something of ours failed' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

export const PROBLEM_TYPE = 'application/problem+json'
