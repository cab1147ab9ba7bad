import type { Cause, Finding, Rung, Verdict } from '../diagnosis/index.ts'

/** What strangers may see of the cached verdict. With `PUBLIC_STATUS=state`, `cause`, `rung` and `title` are left out. */
export interface PublicHealth {
  status: Verdict['status']
  cause?: Cause
  rung?: Rung
  title?: string
  checkedAt: string
  since: string
  staleAfterMs: number
}

/** The home as it was when it last answered. Times are RFC 3339, UTC. */
export interface LastSeen {
  at: string
  version: string
  models: string[]
}

/** What `GET /api/health` returns to the owner. */
export interface Health extends Verdict {
  checkedAt: string
  since: string
  staleAfterMs: number
  /** Whether the home is the simulator, whose answers are scripted. */
  demo: boolean
  /** The models that must be installed, the default first. */
  wanted: string[]
  lastSeen: LastSeen | null
}

export const HEALTH_TYPE = 'application/health+json'

/** One line of the streamed answer (`Accept: application/x-ndjson`): the rungs that have passed so far, and last the verdict. */
export type HealthLine = { findings: Finding[] } | { verdict: Health }
