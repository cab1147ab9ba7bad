import type { Health } from '../contract/health.ts'

export interface ChipLook {
  word: string
  tone: 'ok' | 'warn' | 'fail' | 'unknown'
  lamp: 'lamp-on' | 'lamp-degraded' | 'lamp-off' | 'lamp-unknown'
}

const LOOKS = {
  checking: { word: 'CHECKING', tone: 'unknown', lamp: 'lamp-unknown' },
  online: { word: 'ONLINE', tone: 'ok', lamp: 'lamp-on' },
  missingSome: { word: 'MODEL MISSING', tone: 'warn', lamp: 'lamp-degraded' },
  missingAll: { word: 'MODEL MISSING', tone: 'fail', lamp: 'lamp-off' },
  noHome: { word: 'NO HOME', tone: 'unknown', lamp: 'lamp-unknown' },
  unknown: { word: 'UNKNOWN', tone: 'unknown', lamp: 'lamp-unknown' },
  offline: { word: 'OFFLINE', tone: 'fail', lamp: 'lamp-off' },
} as const satisfies Record<string, ChipLook>

/** The word, the colour and the lamp for a verdict. A page that cannot reach its own server knows nothing of the home. */
export function chipFor(health: Health | null, isCutOff: boolean): ChipLook {
  if (isCutOff) return LOOKS.unknown
  if (!health) return LOOKS.checking
  if (health.cause === 'not_configured') return LOOKS.noHome
  if (health.cause === 'observer_blind') return LOOKS.unknown
  if (health.cause === 'model_missing') return (health.models ?? []).length > 0 ? LOOKS.missingSome : LOOKS.missingAll
  return health.status === 'fail' ? LOOKS.offline : LOOKS.online
}
