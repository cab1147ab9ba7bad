import type { Health, PublicHealth } from '../contract/health.ts'

export interface ChipLook {
  word: string
  tone: 'ok' | 'warn' | 'fail' | 'unknown'
  lamp: 'lamp-on' | 'lamp-degraded' | 'lamp-off' | 'lamp-unknown'
  /** The same as a sentence, for screen readers. */
  label: string
}

const LOOKS = {
  checking: {
    word: 'CHECKING',
    tone: 'unknown',
    lamp: 'lamp-unknown',
    label: 'Checking the home',
  },
  online: { word: 'ONLINE', tone: 'ok', lamp: 'lamp-on', label: 'The home answers' },
  slow: { word: 'SLOW', tone: 'warn', lamp: 'lamp-degraded', label: 'The home answers slowly' },
  unsteady: {
    word: 'UNSTEADY',
    tone: 'warn',
    lamp: 'lamp-degraded',
    label: 'The home answers, but not as it should',
  },
  missingSome: {
    word: 'MODEL MISSING',
    tone: 'warn',
    lamp: 'lamp-degraded',
    label: 'A wanted model is not installed',
  },
  missingAll: {
    word: 'MODEL MISSING',
    tone: 'fail',
    lamp: 'lamp-off',
    label: 'No model is installed',
  },
  missingWanted: {
    word: 'MODEL MISSING',
    tone: 'fail',
    lamp: 'lamp-off',
    label: 'A wanted model is not installed',
  },
  noHome: {
    word: 'NO HOME',
    tone: 'unknown',
    lamp: 'lamp-unknown',
    label: 'No home address is set',
  },
  unknown: {
    word: 'UNKNOWN',
    tone: 'unknown',
    lamp: 'lamp-unknown',
    label: 'The state of the home is not known',
  },
  offline: { word: 'OFFLINE', tone: 'fail', lamp: 'lamp-off', label: 'The home does not answer' },
} as const satisfies Record<string, ChipLook>

/** Strangers may not know `reason` and `models`; then the status alone decides. */
type KnownHealth = Pick<PublicHealth, 'status' | 'cause'> &
  Partial<Pick<Health, 'reason' | 'models'>>

/** The word, the colour and the lamp for a verdict. `isUnknown`: Porchlight itself gave no verdict. */
export function chipFor(health: KnownHealth | null, isUnknown: boolean): ChipLook {
  if (isUnknown) return LOOKS.unknown
  if (!health) return LOOKS.checking
  if (health.cause === 'not_configured') return LOOKS.noHome
  if (health.cause === 'observer_blind') return LOOKS.unknown
  if (health.cause === 'model_missing') return missing(health)
  if (health.status === 'fail') return LOOKS.offline
  if (health.status === 'warn') return health.reason === 'slow' ? LOOKS.slow : LOOKS.unsteady
  return LOOKS.online
}

function missing({ models, status }: KnownHealth): ChipLook {
  if (models === undefined) return status === 'warn' ? LOOKS.missingSome : LOOKS.missingWanted
  return (models ?? []).length > 0 ? LOOKS.missingSome : LOOKS.missingAll
}
