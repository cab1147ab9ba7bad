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
  /** Ask for a token, too. It never loads, evicts or prolongs a model, but for `load`. */
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

/** Whether strangers can use the home, as it was last seen. Times are ms since 1970. */
export interface KeptExposure {
  /** The address that it was seen of. */
  origin: string
  state: Exposure
  checkedAt: number | null
  hiddenUntil: number | null
}

export interface ExposurePort {
  state: (fresh: boolean) => Promise<KeptExposure>
  /** Without looking, however old. */
  kept: () => Promise<KeptExposure>
  hide: (until: number) => Promise<KeptExposure>
}
