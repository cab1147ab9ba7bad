import type { Health, PublicHealth } from '../contract/health.ts'

export interface ChipLook {
  word: string
  tone: 'ok' | 'warn' | 'fail' | 'unknown'
  lamp: 'lamp-on' | 'lamp-degraded' | 'lamp-off' | 'lamp-unknown'
  /** The same in a sentence, for who listens. */
  said: string
}

const LOOKS = {
  checking: { word: 'CHECKING', tone: 'unknown', lamp: 'lamp-unknown', said: 'Checking the home' },
  online: { word: 'ONLINE', tone: 'ok', lamp: 'lamp-on', said: 'The home answers' },
  slow: { word: 'SLOW', tone: 'warn', lamp: 'lamp-degraded', said: 'The home answers slowly' },
  unsteady: {
    word: 'UNSTEADY',
    tone: 'warn',
    lamp: 'lamp-degraded',
    said: 'The home answers, but not as it should',
  },
  missingSome: {
    word: 'MODEL MISSING',
    tone: 'warn',
    lamp: 'lamp-degraded',
    said: 'A wanted model is not installed',
  },
  missingAll: {
    word: 'MODEL MISSING',
    tone: 'fail',
    lamp: 'lamp-off',
    said: 'No model is installed',
  },
  missingWanted: {
    word: 'MODEL MISSING',
    tone: 'fail',
    lamp: 'lamp-off',
    said: 'A wanted model is not installed',
  },
  noHome: {
    word: 'NO HOME',
    tone: 'unknown',
    lamp: 'lamp-unknown',
    said: 'No home address is set',
  },
  unknown: {
    word: 'UNKNOWN',
    tone: 'unknown',
    lamp: 'lamp-unknown',
    said: 'The state of the home is not known',
  },
  offline: { word: 'OFFLINE', tone: 'fail', lamp: 'lamp-off', said: 'The home does not answer' },
} as const satisfies Record<string, ChipLook>

/** What a look needs to know. A stranger may be told less: then the status alone decides. */
type Told = Pick<PublicHealth, 'status' | 'cause'> & Partial<Pick<Health, 'reason' | 'models'>>

/** The word, the colour and the lamp for a verdict. A page that cannot reach its own server knows nothing of the home. */
export function chipFor(health: Told | null, isUntold: boolean): ChipLook {
  if (isUntold) return LOOKS.unknown
  if (!health) return LOOKS.checking
  if (health.cause === 'not_configured') return LOOKS.noHome
  if (health.cause === 'observer_blind') return LOOKS.unknown
  if (health.cause === 'model_missing') return missing(health)
  if (health.status === 'fail') return LOOKS.offline
  if (health.status === 'warn') return health.reason === 'slow' ? LOOKS.slow : LOOKS.unsteady
  return LOOKS.online
}

function missing({ models, status }: Told): ChipLook {
  if (models === undefined) return status === 'warn' ? LOOKS.missingSome : LOOKS.missingWanted
  return (models ?? []).length > 0 ? LOOKS.missingSome : LOOKS.missingAll
}
