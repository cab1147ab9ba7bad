import type { Health, PublicHealth } from '../contract/health.ts'
import type { HomeState } from '../contract/status.ts'

export interface ChipLook {
  word: string
  state: HomeState
  /** For screen readers. */
  label: string
}

const LOOKS = {
  checking: { word: 'CHECKING', state: 'unknown', label: 'Checking the home' },
  online: { word: 'ONLINE', state: 'up', label: 'The home answers' },
  slow: { word: 'SLOW', state: 'degraded', label: 'The home answers slowly' },
  unsteady: { word: 'UNSTEADY', state: 'degraded', label: 'The home answers with problems' },
  missingSome: {
    word: 'MODEL MISSING',
    state: 'degraded',
    label: 'A wanted model is not installed',
  },
  missingAll: { word: 'MODEL MISSING', state: 'down', label: 'No model is installed' },
  missingWanted: {
    word: 'MODEL MISSING',
    state: 'down',
    label: 'A wanted model is not installed',
  },
  noHome: { word: 'NO HOME', state: 'unknown', label: 'No home address is set' },
  unknown: { word: 'UNKNOWN', state: 'unknown', label: 'The state of the home is unknown' },
  offline: { word: 'OFFLINE', state: 'down', label: 'The home does not answer' },
} as const satisfies Record<string, ChipLook>

/** Strangers see less of a verdict; then its status alone decides. */
type ShownHealth = Pick<PublicHealth, 'status' | 'cause'> &
  Partial<Pick<Health, 'reason' | 'models'>>

/** A page that cannot reach Porchlight itself (`isCutOff`) knows nothing about the home. */
export function chipFor(health: ShownHealth | null, isCutOff: boolean): ChipLook {
  if (isCutOff) return LOOKS.unknown
  if (!health) return LOOKS.checking
  if (health.cause === 'not_configured') return LOOKS.noHome
  if (health.cause === 'observer_blind') return LOOKS.unknown
  if (health.cause === 'model_missing') return missing(health)
  if (health.status === 'fail') return LOOKS.offline
  if (health.status === 'warn') return health.reason === 'slow' ? LOOKS.slow : LOOKS.unsteady
  return LOOKS.online
}

function missing({ models, status }: ShownHealth): ChipLook {
  if (models === undefined) return status === 'warn' ? LOOKS.missingSome : LOOKS.missingWanted
  return (models ?? []).length > 0 ? LOOKS.missingSome : LOOKS.missingAll
}
