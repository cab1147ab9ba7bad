import type { Answer, Evidence } from './evidence.ts'

/** One question of a check, with what came back. */
export interface Asked {
  asked: string
  seen: string
  ms?: number
  headers?: Record<string, string>
  /** The beginning of the body. */
  body?: string
}

const BODY_LETTERS = 600

const QUESTIONS = {
  version: 'GET /api/version',
  tags: 'GET /api/tags',
  ps: 'GET /api/ps',
  withOrigin: 'GET /api/version with an Origin',
} as const satisfies Partial<Record<keyof Evidence, string>>

/** Everything that was measured, in the order in which it was asked. */
export function asked(evidence: Evidence): Asked[] {
  const questions = Object.entries(QUESTIONS) as [keyof typeof QUESTIONS, string][]
  const answers = questions.flatMap(([key, question]) => {
    const answer = evidence[key]
    return answer ? [{ asked: question, ...told(answer) }] : []
  })
  const { socket, resolution } = evidence
  return [
    ...answers,
    ...(socket ? [{ asked: 'a bare connection, listening', seen: socket }] : []),
    ...(resolution === undefined ? [] : [{ asked: 'the resolver', seen: resolved(resolution) }]),
  ]
}

function told(answer: Answer): Omit<Asked, 'asked'> {
  if (answer.kind === 'thrown') return { seen: answer.text || answer.error, ms: answer.ms }
  const { status, headers, body, ms } = answer
  return { seen: `HTTP ${status}`, ms, headers, body: body.slice(0, BODY_LETTERS) }
}

const resolved = (resolution: Evidence['resolution']) =>
  resolution ? `status ${resolution.status}, ${resolution.addresses.join(', ') || 'no address'}` : 'not reached'
