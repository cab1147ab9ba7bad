import type { Address } from './address.ts'

/** An HTTP response. `ms` is the time to the headers. `cutAt` is the byte at which the probe stopped reading, if it did. */
export interface Response {
  kind: 'response'
  status: number
  headers: Record<string, string>
  body: string
  ms: number
  /** The time to the last byte. */
  wholeMs?: number
  cutAt?: number
}

/**
 * The error that the runtime throws without an answer. Workers distinguish only a few:
 * `lost` = "Network connection lost." (refused, reset, closed, not HTTP) · `internal` = "internal error" (DNS, TLS) ·
 * `overloaded` = the same after a connection that timed out · `timeout` = the probe's own timeout.
 */
export interface Thrown {
  kind: 'thrown'
  error: 'lost' | 'internal' | 'overloaded' | 'timeout' | 'other'
  text: string
  ms: number
}

export type Answer = Response | Thrown

/** How a bare connection behaves before anything is sent. `nobody`: it does not open. */
export type Socket = 'silent' | 'closes' | 'speaks' | 'nobody'

/**
 * A resolver's answer (RFC 8484 names: 0 no error, 2 server failure, 3 no such name). `aliases` are the names on the
 * way through CNAME records, `comment` is the resolver's extended error (RFC 8914).
 */
export interface Resolution {
  status: number
  addresses: string[]
  aliases?: string[]
  comment?: string
}

/** What a TLS client that accepts every certificate saw. Times are RFC 3339, UTC; `error` is the code that ended the handshake. */
export interface Handshake {
  error: string | null
  isTrusted: boolean
  fitsName: boolean
  validFrom: string
  validTo: string
  seenAt: string
}

/** A request for one token. `answer` is its first line, or the failure. */
export interface GenerationAttempt {
  model: string
  answer: Answer
}

/** Everything that one check measured. A field without a measurement is absent, and absence is never evidence. */
export interface Evidence {
  runtime: 'local' | 'deployed'
  address: Address
  /** The models that must be installed, the default first; empty: any. */
  wanted: readonly string[]
  /** Which credentials were sent, never their values. */
  sent?: { authorization: boolean; accessToken: boolean }
  version?: Answer
  tags?: Answer
  ps?: Answer
  /** First answers that failed and were requested again. */
  blips?: readonly Answer[]
  /** The answers to the same requests a moment later. Two servers behind one address contradict each other. */
  again?: { version?: Answer; tags?: Answer }
  /** The answers to the same requests at the other address of `localhost`: ::1 instead of 127.0.0.1. */
  twin?: { version?: Answer; tags?: Answer }
  /** The list a third time, if the first two differ: a model may have been pulled in between. */
  third?: Answer
  /** `GET /`, if the answer to `/api/version` leaves open which program answers. */
  root?: Answer
  /** `GET /api/version` with an `Origin`: Ollama's own refusal then has `Access-Control-Allow-Origin`. */
  withOrigin?: Answer
  /** The same with an `Origin` that Ollama does not allow, which reveals a gateway that reflects every origin. */
  withForeignOrigin?: Answer
  /** A POST, which no cache answers: sent if a GET came out of a cache. */
  show?: Answer
  socket?: Socket
  /** The same with TLS. */
  secureSocket?: Socket
  handshake?: Handshake | null
  /** `null`: the resolver could not be reached. */
  resolution?: Resolution | null
  /** Whether an unrelated address answered. Requested only if nothing else answered. */
  control?: 'answers' | 'silent'
  /** Only in a deep check: the request for a token, or why none was sent. */
  deep?:
    | GenerationAttempt
    | {
        skipped:
          'not_loaded' | 'unknown_context' | 'no_model' | 'embedding_only' | 'no_budget' | 'cloud'
      }
}
