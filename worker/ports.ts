import type { LastSeen } from '../src/lib/contract/health.ts'
import type { Finding, Verdict } from '../src/lib/diagnosis/index.ts'
import type { Config } from './config.ts'

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

export type OnFindings = (findings: Finding[]) => void

/** All that the API needs from the platform, so that its types do not drag the platform's into the page. */
export interface Ports {
  config: Config
  /** `onFindings` is told the rungs that are lit so far, while a check that is made for this request climbs. */
  check: (request: CheckRequest, onFindings?: OnFindings) => Promise<KeptVerdict>
}
