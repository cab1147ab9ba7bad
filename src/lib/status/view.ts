import type { Health } from '../contract/health.ts'
import type { StatusSnapshot } from '../contract/status.ts'
import { isCloudName, judgeConfiguration } from '../diagnosis/index.ts'
import { chipFor, type ChipLook } from '../home/status-chip.ts'

/** What the first screen says. `was` is what it says once the answer is old. */
export interface Hero {
  look: ChipLook
  word: string
  was: string
  cause: string
}

const BLIND_FOR_MS = 120_000
const WAS = {
  ok: 'Was online',
  warn: 'Was unsteady',
  fail: 'Was offline',
  unknown: 'Not known',
} as const

export function heroOf(health: StatusSnapshot['health']): Hero {
  const look = chipFor(health, false)
  const word = health ? sentenceCase(look.word) : 'Checking'
  return {
    look,
    word,
    was: WAS[look.tone],
    cause: health ? causeOf(health, look) : 'Nothing has been asked yet.',
  }
}

const sentenceCase = (word: string) => word.slice(0, 1) + word.slice(1).toLowerCase()

/** The owner reads the reason; a stranger the cause, or what the word means. */
function causeOf(health: NonNullable<StatusSnapshot['health']>, look: ChipLook): string {
  if (isOwners(health)) return health.summary
  const isOurs = health.cause === 'observer_blind'
  return `${health.title ?? look.label}.${isOurs ? ' This says nothing about the home.' : ''}`
}

/** A first look at what an earlier life of this server has seen is a look back. */
export const isOldAt = ({ health }: StatusSnapshot, now: number): boolean =>
  health !== null && now - Date.parse(health.checkedAt) > health.staleAfterMs

/** Our own server has a fault, and cannot even say who asks. Nothing of the home is in this. */
export function blindSnapshot(now: number): StatusSnapshot {
  const { status, cause, rung, title } = judgeConfiguration('checker_failed', 'deployed')
  const at = new Date(now).toISOString()
  const times = { checkedAt: at, since: at, staleAfterMs: BLIND_FOR_MS }
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

/** The model that would be warmed up: the one that is wanted first, or the first that runs at home. */
export const warmableOf = ({ wanted, models }: Pick<Health, 'wanted' | 'models'>): string | null =>
  [...wanted, ...(models ?? [])].find((name) => !isCloudName(name)) ?? null

/** "All lit", "Lit up to model", "Dark from tunnel"; where it is we who cannot see, "Not seen from connect on". */
export function ladderTitle({ ladder, cause }: Pick<Health, 'ladder' | 'cause'>): string {
  const dark = ladder.find(({ result }) => result === 'fail')
  if (dark)
    return cause === 'observer_blind' ? `Not seen from ${dark.rung} on` : `Dark from ${dark.rung}`
  const worse = ladder.find(({ result }) => result === 'warn')
  return worse ? `Lit up to ${worse.rung}` : 'All lit'
}

export function ladderFigures({ ladder }: Pick<Health, 'ladder'>): string {
  const lit = ladder.filter(({ result }) => result === 'pass').length
  const ms = ladder.reduce((sum, finding) => sum + (finding.ms ?? 0), 0)
  return `${lit} of ${ladder.length} · ${Math.round(ms)} ms`
}

/** A share as a percentage that never rounds up to a perfect one. */
export function percent(share: number): string {
  const cut = Math.floor(share * 10_000) / 100
  return `${cut === 100 ? '100' : cut.toFixed(2)} %`
}
