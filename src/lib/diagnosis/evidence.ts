import type { Address } from './address.ts'

/** What came back over HTTP. `body` is its first 4 KB at most, `ms` the time to the headers. */
export interface Response {
  kind: 'response'
  status: number
  headers: Record<string, string>
  body: string
  ms: number
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

/** What a bare TCP connection showed before anything was sent. `nobody`: it did not open. */
export type Socket = 'silent' | 'closes' | 'speaks' | 'nobody'

/** A resolver's answer (RFC 8484 names: 0 no error, 2 server failure, 3 no such name); `null`: the resolver was not reached. */
export interface Resolution {
  status: number
  addresses: string[]
}

/** Everything one check has measured. What was not asked is absent: absence is never evidence. */
export interface Evidence {
  runtime: 'local' | 'deployed'
  address: Address
  /** Names that must be there, first = default; empty = any. */
  wanted: readonly string[]
  version?: Answer
  tags?: Answer
  ps?: Answer
  /** The same questions a moment later: two servers behind one address contradict each other. */
  again?: { version: Answer; tags: Answer }
  /** The same GET with an `Origin`: Ollama's own refusal then carries `Access-Control-Allow-Origin`. */
  withOrigin?: Answer
  socket?: Socket
  resolution?: Resolution | null
}
