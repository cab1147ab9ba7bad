import type { Problem, ProblemCode } from '../../src/lib/contract/problem.ts'
import type { ReasonName } from '../../src/lib/diagnosis/index.ts'
import type { HttpProblem } from '../http/problem.ts'
import { API_HEADERS } from '../http/headers.ts'

interface Kind {
  type: string
  code: string | null
  status?: number
}

const KINDS = {
  invalid: { type: 'invalid_request_error', code: null, status: 400 },
  not_signed_in: { type: 'authentication_error', code: 'invalid_api_key' },
  forbidden: { type: 'permission_error', code: 'forbidden' },
  not_found: { type: 'invalid_request_error', code: 'not_found' },
  conflict: { type: 'invalid_request_error', code: 'conflict' },
  too_large: { type: 'invalid_request_error', code: 'too_large' },
  unsupported: { type: 'invalid_request_error', code: 'unsupported' },
  limit: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  not_set_up: { type: 'api_error', code: 'not_set_up' },
  home: { type: 'api_error', code: null },
  internal: { type: 'api_error', code: 'internal' },
} as const satisfies Record<ProblemCode, Kind>

/** The home works, but cannot serve this request. The codes are OpenAI's where OpenAI has one. */
const REQUEST_ERRORS: { readonly [reason in ReasonName]?: string } = {
  cannot_do: 'cannot_do',
  request_refused: 'request_refused',
  prompt_too_long: 'context_length_exceeded',
}

function kindOf({ code, cause, reason, status }: Problem): Kind {
  if (code !== 'home') return KINDS[code]
  if (cause === 'model_missing') return { type: 'invalid_request_error', code: 'model_not_found' }
  const requestError = reason && REQUEST_ERRORS[reason]
  return requestError
    ? { type: 'invalid_request_error', code: requestError, status: 400 }
    : { type: 'api_error', code: cause ?? null, status }
}

/** A problem in OpenAI's format. The message contains the first fix, because clients show nothing else. */
export function errorBody(problem: Problem) {
  const { type, code } = kindOf(problem)
  const param = problem.errors?.[0]?.path ?? (problem.cause === 'model_missing' ? 'model' : null)
  return { error: { message: messageOf(problem), type, param, code } }
}

function messageOf({ title, detail, fix, code, id }: Problem): string {
  const [step] = fix ?? []
  const heading = code === 'home' ? `${title}. ` : ''
  const command = step?.command ? ` (${step.command})` : ''
  const advice = step ? ` ${step.text}${command}` : ''
  return heading + detail + advice + (id ? ` (id ${id})` : '')
}

/** OpenAI's clients retry on their own. A retry would start a load that is too slow again and again. */
export function errorResponse({ problem, headers }: HttpProblem): Response {
  return Response.json(errorBody(problem), {
    status: kindOf(problem).status ?? problem.status,
    headers: {
      ...API_HEADERS,
      ...headers,
      ...(problem.code === 'limit' ? {} : { 'x-should-retry': 'false' }),
    },
  })
}
