import type { Health } from '../contract/health.ts'
import type { HomeState, StatusSnapshot } from '../contract/status.ts'
import { isCloudName, judgeConfiguration } from '../diagnosis/index.ts'
import { chipFor, type ChipLook } from '../home/status-chip.ts'

/** The first screen. `was` replaces the word once the answer is old. */
export interface Hero {
  look: ChipLook
  word: string
  was: string
  cause: string
}

const STALE_AFTER_MS = 120_000
const WAS = {
  up: 'Was online',
  degraded: 'Was unsteady',
  down: 'Was offline',
  unknown: 'Unknown',
} as const satisfies Record<HomeState, string>

export function heroOf(health: StatusSnapshot['health']): Hero {
  const look = chipFor(health, false)
  const word = health ? sentenceCase(look.word) : 'Checking'
  return {
    look,
    word,
    was: WAS[look.state],
    cause: health ? causeOf(health, look) : 'The first check has not finished yet.',
  }
}

const sentenceCase = (word: string) => word.slice(0, 1) + word.slice(1).toLowerCase()

/** The owner reads the reason, a stranger only the cause. */
function causeOf(health: NonNullable<StatusSnapshot['health']>, look: ChipLook): string {
  if (isOwners(health)) return health.summary
  const isOurs = health.cause === 'observer_blind'
  return `${health.title ?? look.label}.${isOurs ? ' This says nothing about the home.' : ''}`
}

/** After a restart the latest verdict may be from before it. */
export const isOldAt = ({ health }: StatusSnapshot, now: number): boolean =>
  health !== null && now - Date.parse(health.checkedAt) > health.staleAfterMs

/** Porchlight's own server has a fault and cannot tell who the viewer is, so this says nothing about the home. */
export function blindSnapshot(now: number): StatusSnapshot {
  const { status, cause, rung, title } = judgeConfiguration('checker_failed', 'deployed')
  const at = new Date(now).toISOString()
  const times = { checkedAt: at, since: at, staleAfterMs: STALE_AFTER_MS }
  return {
    v: 1,
    viewer: 'public',
    health: { status, cause, rung, title, ...times },
    days: [],
    maintenance: null,
  }
}

export const isOwners = (health: NonNullable<StatusSnapshot['health']>): health is Health =>
  'ladder' in health

/** The model that Warm up loads: the first wanted one, or the first that runs at home. */
export const warmableOf = ({ wanted, models }: Pick<Health, 'wanted' | 'models'>): string | null =>
  [...wanted, ...(models ?? [])].find((name) => !isCloudName(name)) ?? null

export function ladderTitle({ ladder, cause }: Pick<Health, 'ladder' | 'cause'>): string {
  const failed = ladder.find(({ result }) => result === 'fail')
  const degraded = ladder.find(({ result }) => result === 'warn')
  if (failed && cause === 'observer_blind') return `Unknown from ${failed.rung} on`
  if (failed) return `Fails at: ${failed.rung}`
  return degraded ? `Problem at: ${degraded.rung}` : 'All checks passed'
}

export function ladderFigures({ ladder }: Pick<Health, 'ladder'>): string {
  const passed = ladder.filter(({ result }) => result === 'pass').length
  const ms = ladder.reduce((sum, finding) => sum + (finding.ms ?? 0), 0)
  return `${passed} of ${ladder.length} passed · ${Math.round(ms)} ms`
}

/** Never rounds up to 100 %. */
export function percent(share: number): string {
  const cut = Math.floor(share * 10_000) / 100
  return `${cut === 100 ? '100' : cut.toFixed(2)} %`
}
