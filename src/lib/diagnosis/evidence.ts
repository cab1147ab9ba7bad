import type { Address } from './address.ts'

/** What came back over HTTP. `ms` is the time to the headers; `cutAt` (bytes) where the probe stopped to read, if it did. */
export interface Response {
  kind: 'response'
  status: number
  headers: Record<string, string>
  body: string
  ms: number
  /** Until the last byte, ms. */
  wholeMs?: number
  cutAt?: number
}

/**
 * What a runtime throws when no answer came. Workers know few classes:
 * `lost` = "Network connection lost." (refused, reset, closed, not HTTP) · `internal` = "internal error" (DNS, TLS) ·
 * `overloaded` = the same after a connection that timed out · `timeout` = our own patience ended.
 */
export interface Thrown {
  kind: 'thrown'
  error: 'lost' | 'internal' | 'overloaded' | 'timeout' | 'other'
  text: string
  ms: number
}

export type Answer = Response | Thrown

/** What a bare connection showed before anything was sent. `nobody`: it did not open. */
export type Socket = 'silent' | 'closes' | 'speaks' | 'nobody'

/**
 * A resolver's answer (RFC 8484 names: 0 no error, 2 server failure, 3 no such name). `aliases` are the names that a CNAME
 * led through, `comment` is the extended error (RFC 8914) in the resolver's words.
 */
export interface Resolution {
  status: number
  addresses: string[]
  aliases?: string[]
  comment?: string
}

/** What a TLS client saw that accepts every certificate. Times RFC 3339, UTC; `error` is what ended the handshake, by code. */
export interface Handshake {
  error: string | null
  isTrusted: boolean
  fitsName: boolean
  validFrom: string
  validTo: string
  seenAt: string
}

/** One request for one token. `answer` is the first line that came, or what came instead. */
export interface Trial {
  model: string
  answer: Answer
}

/** Everything one check has measured. What was not asked is absent: absence is never evidence. */
export interface Evidence {
  runtime: 'local' | 'deployed'
  address: Address
  /** Names that must be there, first = default; empty = any. */
  wanted: readonly string[]
  /** Which credentials went along, never what they are. */
  sent?: { authorization: boolean; accessToken: boolean }
  version?: Answer
  tags?: Answer
  ps?: Answer
  /** First answers that were asked for again. */
  blips?: readonly Answer[]
  /** The same questions a moment later: two servers behind one address contradict each other. */
  again?: { version?: Answer; tags?: Answer }
  /** The same at the other address that `localhost` stands for: ::1 beside 127.0.0.1. */
  twin?: { version?: Answer; tags?: Answer }
  /** The list a third time, when the first two differ: a model may have been pulled in between. */
  third?: Answer
  /** `GET /`, where an answer to `/api/version` left open who speaks. */
  root?: Answer
  /** The same GET with an `Origin`: Ollama's own refusal then carries `Access-Control-Allow-Origin`. */
  withOrigin?: Answer
  /** The same with an `Origin` that Ollama does not allow: a gateway that reflects every origin gives itself away. */
  withForeignOrigin?: Answer
  /** A POST, which no cache answers: asked when a GET came out of one. */
  show?: Answer
  socket?: Socket
  /** The same with TLS. */
  secureSocket?: Socket
  handshake?: Handshake | null
  /** `null`: the resolver was asked and not reached. */
  resolution?: Resolution | null
  /** Whether an address that has nothing to do with the home answered. Asked only when nothing else did. */
  control?: 'answers' | 'silent'
  /** Only in a deep check: the trial, or why none was made. */
  deep?:
    | Trial
    | {
        skipped:
          'not_loaded' | 'unknown_context' | 'no_model' | 'embedding_only' | 'no_budget' | 'cloud'
      }
}
