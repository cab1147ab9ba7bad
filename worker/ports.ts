import type { Config } from './config.ts'
import type { KeptVerdict } from './home/verdicts.ts'

export interface CheckRequest {
  /** Only evidence gathered after the request arrived. */
  fresh?: boolean
  /** Ask for this model instead of the configured ones. */
  model?: string | null
}

/** All that the API needs from the platform, so that its types do not drag the platform's into the page. */
export interface Ports {
  config: Config
  check: (request: CheckRequest) => Promise<KeptVerdict>
}
