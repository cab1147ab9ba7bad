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

type Questions = Pick<
  Evidence,
  'version' | 'tags' | 'ps' | 'third' | 'root' | 'withOrigin' | 'withForeignOrigin' | 'show'
>

const QUESTIONS = {
  version: 'GET /api/version',
  tags: 'GET /api/tags',
  ps: 'GET /api/ps',
  third: 'GET /api/tags, a third time',
  root: 'GET /',
  withOrigin: 'GET /api/version with an Origin',
  withForeignOrigin: 'GET /api/version with another Origin',
  show: 'POST /api/show',
} as const satisfies Record<keyof Questions, string>

/** Everything that was measured, in the order in which it was asked. */
export function asked(evidence: Evidence): Asked[] {
  const questions = Object.entries(QUESTIONS) as [keyof Questions, string][]
  const { again, twin, deep } = evidence
  return [
    ...questions.flatMap(([key, question]) => told(question, evidence[key])),
    ...told('GET /api/version, again', again?.version),
    ...told('GET /api/tags, again', again?.tags),
    ...told('GET /api/version at [::1]', twin?.version),
    ...told('GET /api/tags at [::1]', twin?.tags),
    ...(deep && 'answer' in deep
      ? told(`POST /api/generate, one token of ${deep.model}`, deep.answer)
      : []),
    ...LINE.flatMap(({ asked: question, seen }) => {
      const found = seen(evidence)
      return found === undefined ? [] : [{ asked: question, seen: found }]
    }),
  ]
}

function told(question: string, answer: Answer | undefined): Asked[] {
  if (!answer) return []
  if (answer.kind === 'thrown')
    return [{ asked: question, seen: answer.text || answer.error, ms: answer.ms }]
  const { status, headers, body, ms } = answer
  return [
    { asked: question, seen: `HTTP ${status}`, ms, headers, body: body.slice(0, BODY_LETTERS) },
  ]
}

/** What was learned without HTTP. */
const LINE = [
  { asked: 'a bare connection, listening', seen: ({ socket }) => socket },
  { asked: 'an encrypted connection, listening', seen: ({ secureSocket }) => secureSocket },
  { asked: 'the certificate', seen: ({ handshake }) => certificate(handshake) },
  { asked: 'the resolver', seen: ({ resolution }) => resolved(resolution) },
  { asked: 'an address that is not the home’s', seen: ({ control }) => control },
] as const satisfies readonly { asked: string; seen: (evidence: Evidence) => string | undefined }[]

function certificate(handshake: Evidence['handshake']): string | undefined {
  if (handshake === undefined) return undefined
  if (handshake === null) return 'not asked: the helper was not reached'
  const { error, isTrusted, fitsName, validFrom, validTo } = handshake
  if (error !== null) return `none: ${error}`
  return `${isTrusted ? 'trusted' : 'not trusted'}, ${fitsName ? 'for this name' : 'for another name'}, ${validFrom} to ${validTo}`
}

function resolved(resolution: Evidence['resolution']): string | undefined {
  if (resolution === undefined) return undefined
  if (resolution === null) return 'not reached'
  const { status, addresses, aliases = [], comment } = resolution
  const found = [...aliases, ...addresses].join(', ') || 'no address'
  return `status ${status}, ${found}${comment ? ` (${comment})` : ''}`
}
