import type { Cause, Finding, Rung, Verdict } from '../diagnosis/index.ts'

/** All that a stranger is told, from the cached verdict. With `PUBLIC_STATUS=state` the middle three are missing. */
export interface PublicHealth {
  status: Verdict['status']
  cause?: Cause
  rung?: Rung
  title?: string
  checkedAt: string
  since: string
  staleAfterMs: number
}

/** What the home was like when it last answered. Times RFC 3339, UTC. */
export interface LastSeen {
  at: string
  version: string
  models: string[]
}

/** What the owner is told by `GET /api/health`. */
export interface Health extends Verdict {
  checkedAt: string
  since: string
  staleAfterMs: number
  /** `true` when the home is the simulator: its answers are scripted. */
  demo: boolean
  /** The models that must be there, first = default. */
  wanted: string[]
  lastSeen: LastSeen | null
}

export const HEALTH_TYPE = 'application/health+json'

/** A line of the same answer as it comes about (`Accept: application/x-ndjson`): the rungs lit so far, and last the verdict. */
export type HealthLine = { findings: Finding[] } | { verdict: Health }
