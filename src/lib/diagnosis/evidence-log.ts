import type { Answer, Evidence, Socket } from './evidence.ts'

/** One request or measurement of a check, with its result. The fields are part of the API. */
export interface EvidenceEntry {
  asked: string
  seen: string
  ms?: number
  headers?: Record<string, string>
  /** The beginning of the body. */
  body?: string
}

const BODY_CHARACTERS = 600

type Requests = Pick<
  Evidence,
  'version' | 'tags' | 'ps' | 'third' | 'root' | 'withOrigin' | 'withForeignOrigin' | 'show'
>

const REQUESTS = {
  version: 'GET /api/version',
  tags: 'GET /api/tags',
  ps: 'GET /api/ps',
  third: 'GET /api/tags, a third time',
  root: 'GET /',
  withOrigin: 'GET /api/version with an Origin',
  withForeignOrigin: 'GET /api/version with another Origin',
  show: 'POST /api/show',
} as const satisfies Record<keyof Requests, string>

/** All the evidence of a check, as entries that the owner can read. */
export function evidenceLog(evidence: Evidence): EvidenceEntry[] {
  const requests = Object.entries(REQUESTS) as [keyof Requests, string][]
  const { again, twin, deep } = evidence
  return [
    ...requests.flatMap(([key, request]) => entryFor(request, evidence[key])),
    ...entryFor('GET /api/version, again', again?.version),
    ...entryFor('GET /api/tags, again', again?.tags),
    ...entryFor('GET /api/version at [::1]', twin?.version),
    ...entryFor('GET /api/tags at [::1]', twin?.tags),
    ...(deep && 'answer' in deep
      ? entryFor(`POST /api/generate, one token from ${deep.model}`, deep.answer)
      : []),
    ...CONNECTION_ENTRIES.flatMap(({ asked, result }) => {
      const seen = result(evidence)
      return seen === undefined ? [] : [{ asked, seen }]
    }),
  ]
}

function entryFor(asked: string, answer: Answer | undefined): EvidenceEntry[] {
  if (!answer) return []
  if (answer.kind === 'thrown') return [{ asked, seen: answer.text || answer.error, ms: answer.ms }]
  const { status, headers, body, ms } = answer
  return [{ asked, seen: `HTTP ${status}`, ms, headers, body: body.slice(0, BODY_CHARACTERS) }]
}

/** The evidence that was collected without HTTP. */
const CONNECTION_ENTRIES = [
  { asked: 'a bare connection, listening', result: ({ socket }) => socketText(socket) },
  {
    asked: 'an encrypted connection, listening',
    result: ({ secureSocket }) => socketText(secureSocket),
  },
  { asked: 'the certificate', result: ({ handshake }) => certificate(handshake) },
  { asked: 'the resolver', result: ({ resolution }) => resolved(resolution) },
  { asked: 'an address outside the home', result: ({ control }) => control },
] as const satisfies readonly {
  asked: string
  result: (evidence: Evidence) => string | undefined
}[]

const SOCKET_TEXT = {
  silent: 'opens and stays silent',
  closes: 'opens and is closed',
  speaks: 'opens and receives data',
  nobody: 'does not open',
} as const satisfies Record<Socket, string>

const socketText = (socket: Socket | undefined) => socket && SOCKET_TEXT[socket]

function certificate(handshake: Evidence['handshake']): string | undefined {
  if (handshake === undefined) return undefined
  if (handshake === null) return 'not checked: the helper could not be reached'
  const { error, isTrusted, fitsName, validFrom, validTo } = handshake
  if (error !== null) return `none: ${error}`
  return `${isTrusted ? 'trusted' : 'not trusted'}, ${fitsName ? 'for this name' : 'for another name'}, ${validFrom} to ${validTo}`
}

function resolved(resolution: Evidence['resolution']): string | undefined {
  if (resolution === undefined) return undefined
  if (resolution === null) return 'could not be reached'
  const { status, addresses, aliases = [], comment } = resolution
  const found = [...aliases, ...addresses].join(', ') || 'no address'
  return `status ${status}, ${found}${comment ? ` (${comment})` : ''}`
}
