import type { Cause, ReasonName, Step } from '../diagnosis/index.ts'

/** Why a request failed (RFC 9457, `application/problem+json`). */
export interface Problem {
  type: string
  title: string
  status: number
  code: ProblemCode
  detail: string
  /** With `invalid`: what is wrong, and in which field. */
  errors?: { path: string; message: string }[]
  /** With `home`: what is wrong with the home. */
  cause?: Cause
  reason?: ReasonName
  fix?: Step[]
  /** With `low`, `alternatives` fit as well, likeliest first. */
  confidence?: 'high' | 'low'
  alternatives?: Cause[]
  /** Why we think so, and where the cause is explained. */
  why?: string
  help?: string
  /** With `internal`: the ID to quote in a bug report. */
  id?: string
}

export const PROBLEMS = {
  invalid: { status: 422, title: 'The request is not valid' },
  not_signed_in: { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Conflict with the current state' },
  too_large: { status: 413, title: 'Too large' },
  unsupported: { status: 415, title: 'Unsupported method or content type' },
  limit: { status: 429, title: 'Too many requests' },
  not_set_up: { status: 503, title: 'Not set up yet' },
  home: { status: 503, title: 'The home did not answer' },
  internal: { status: 500, title: 'Internal error' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

export const PROBLEM_TYPE = 'application/problem+json'
