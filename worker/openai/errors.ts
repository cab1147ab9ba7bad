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

/** The home is well, and says that this cannot be asked of it: by a code of OpenAI's where it has one. */
const WRONG_REQUESTS: { readonly [reason in ReasonName]?: string } = {
  cannot_do: 'cannot_do',
  request_refused: 'request_refused',
  prompt_too_long: 'context_length_exceeded',
}

function kindOf({ code, cause, reason, status }: Problem): Kind {
  if (code !== 'home') return KINDS[code]
  if (cause === 'model_missing') return { type: 'invalid_request_error', code: 'model_not_found' }
  const wrong = reason && WRONG_REQUESTS[reason]
  return wrong
    ? { type: 'invalid_request_error', code: wrong, status: 400 }
    : { type: 'api_error', code: cause ?? null, status }
}

/** A problem in OpenAI's shape. Its message says what broke, and what to do now. */
export function errorBody(problem: Problem) {
  const { type, code } = kindOf(problem)
  const param = problem.errors?.[0]?.path ?? (problem.cause === 'model_missing' ? 'model' : null)
  return { error: { message: messageOf(problem), type, param, code } }
}

function messageOf({ title, detail, fix, code, id }: Problem): string {
  const [step] = fix ?? []
  const cure = step ? ` ${step.text}${step.command ? ` (${step.command})` : ''}` : ''
  return `${code === 'home' ? `${title}. ` : ''}${detail}${cure}${id ? ` (id ${id})` : ''}`
}

/** OpenAI's clients repeat what failed by themselves; a load that was too long would be begun again and again. */
export function errorResponse({ problem, headers }: HttpProblem): Response {
  const isWorthRepeating = problem.code === 'limit'
  return Response.json(errorBody(problem), {
    status: kindOf(problem).status ?? problem.status,
    headers: {
      ...API_HEADERS,
      ...headers,
      ...(isWorthRepeating ? {} : { 'x-should-retry': 'false' }),
    },
  })
}
