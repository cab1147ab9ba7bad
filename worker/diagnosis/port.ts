import type { LastSeen } from '../../src/lib/contract/health.ts'
import type { Exposure } from '../../src/lib/diagnosis/exposure.ts'
import type { Finding, Verdict } from '../../src/lib/diagnosis/index.ts'

/** The latest verdict on the home, with its times (ms since 1970). */
export interface KeptVerdict {
  verdict: Verdict
  checkedAt: number
  /** Since when the home has been in this state for this cause. */
  since: number
  lastSeen: LastSeen | null
}

export interface CheckRequest {
  /** Only evidence gathered after the request arrived. */
  fresh?: boolean
  /** Ask for this model instead of the configured ones. */
  model?: string | null
  /** Also request a token. It never loads a model (except with `load`), evicts one or keeps one longer. */
  deep?: boolean
  load?: boolean
}

/** Checks of the home. */
export interface DiagnosisPort {
  /** `onFindings` receives the rungs judged so far while a check that this request started is climbing. */
  check: (request: CheckRequest, onFindings?: OnFindings) => Promise<KeptVerdict>
  /** The latest verdict since this server started, without a new check; `null` if there is none yet. */
  latest: () => Promise<KeptVerdict | null>
}

export type OnFindings = (findings: Finding[]) => void

/** The last result on whether strangers can use the home. Times are ms since 1970. */
export interface KeptExposure {
  /** The address that was probed. */
  origin: string
  state: Exposure
  checkedAt: number | null
  hiddenUntil: number | null
}

export interface ExposurePort {
  state: (fresh: boolean) => Promise<KeptExposure>
  /** The stored result, however old, without a new probe. */
  kept: () => Promise<KeptExposure>
  hide: (until: number) => Promise<KeptExposure>
}
