import { readFileSync } from 'node:fs'
import type { Cause } from '../../../src/lib/diagnosis/index.ts'

/** What one request got on the wire: bytes (latin1) with the ms at which they came, and what became of the connection. */
export interface RecordedAnswer {
  bytes: [ms: number, text: string][]
  /** Absent: the connection was kept. */
  then?: 'end' | 'reset' | 'hang'
}

/** The answers to each route (`GET /api/version`, `… with Origin`) in the order in which they came. */
export type RecordedServer = Partial<Record<string, RecordedAnswer[]>>

export interface Recorded {
  part: string
  state: string
  address: string
  right: Cause[]
  /** What must not be said with confidence. */
  wrong: Cause[]
  /** `run`: version and list are healthy, only a request for text shows it. */
  seenBy?: 'run'
  /** How long a prompt must be to meet it. */
  promptBytes?: number
  play: {
    /** What the port itself does, where no request was answered. */
    port?: 'refused' | 'ends at once' | 'no such name' | 'tls'
    /** More than one take turns. */
    servers?: RecordedServer[]
  }
}

export const nameOf = ({ part, state }: Recorded) => `${part}, ${state}`

export const readRecorded = () =>
  JSON.parse(readFileSync('tests/recordings/edges.json', 'utf8')) as Recorded[]

/** The little Ollama that stood behind every one of these proxies, for what was not asked in a healthy state. */
export function healthyServer(all: readonly Recorded[]): RecordedServer {
  const up = all.find((one) => nameOf(one) === 'nginx, up')?.play.servers?.[0]
  if (!up) throw new Error('the healthy state was not recorded')
  return up
}
