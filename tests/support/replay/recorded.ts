import { readFileSync } from 'node:fs'
import type { Cause } from '../../../src/lib/diagnosis/index.ts'

/** One recorded response: bytes (latin1) with their arrival in ms, and what happened to the connection. */
export interface RecordedAnswer {
  bytes: [ms: number, text: string][]
  /** Absent: the connection was kept. */
  then?: 'end' | 'reset' | 'hang'
}

/** The responses to each route (`GET /api/version`, `… with Origin`) in order. */
export type RecordedServer = Partial<Record<string, RecordedAnswer[]>>

export interface Recorded {
  part: string
  state: string
  address: string
  right: Cause[]
  /** Causes that must not be named with confidence. */
  wrong: Cause[]
  /** `run`: version and list work, and only a generation fails. */
  seenBy?: 'run'
  /** The prompt length that triggers it. */
  promptBytes?: number
  play: {
    /** What the port does if it answers no request. */
    port?: 'refused' | 'ends at once' | 'no such name' | 'tls'
    /** Several servers take turns. */
    servers?: RecordedServer[]
  }
}

export const nameOf = ({ part, state }: Recorded) => `${part}, ${state}`

export const readRecorded = () =>
  JSON.parse(readFileSync('tests/recordings/edges.json', 'utf8')) as Recorded[]

/** The small Ollama that stood behind each of these proxies. It answers the requests that a state did not record. */
export function healthyServer(all: readonly Recorded[]): RecordedServer {
  const up = all.find((one) => nameOf(one) === 'nginx, up')?.play.servers?.[0]
  if (!up) throw new Error('the healthy state was not recorded')
  return up
}
