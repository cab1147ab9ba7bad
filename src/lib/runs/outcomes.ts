import type { RunState, RunSummary } from '$lib/contract/runs'

interface Outcome {
  word: string
  icon: string
  tone: string
}

const OUTCOMES = {
  queued: { word: 'Waiting for its turn', icon: 'lamp-unknown', tone: 'is-unknown' },
  running: { word: 'Running', icon: 'lamp-on', tone: 'is-ok' },
  done: { word: 'Finished', icon: 'check', tone: 'is-ok' },
  failed: { word: 'Failed', icon: 'x', tone: 'is-fail' },
  stopped: { word: 'Stopped', icon: 'stop', tone: 'is-unknown' },
  interrupted: { word: 'Interrupted', icon: 'dash', tone: 'is-unknown' },
} as const satisfies Record<RunState, Outcome>

const CUT: Outcome = { word: 'Finished, but the prompt was cut', icon: 'warn', tone: 'is-warn' }

export const outcomeOf = ({ state, figures }: Pick<RunSummary, 'state' | 'figures'>): Outcome =>
  figures?.truncated ? CUT : OUTCOMES[state]

const DAY_MS = 24 * 3_600_000

/** "Today", "Yesterday", or the date, on this device. */
export function dayOf(iso: string, now: number): string {
  const day = new Date(iso).toDateString()
  if (day === new Date(now).toDateString()) return 'Today'
  if (day === new Date(now - DAY_MS).toDateString()) return 'Yesterday'
  return new Date(iso).toLocaleDateString('en', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
}

/** Runs in groups of one day each, in their order. */
export function byDay(
  runs: readonly RunSummary[],
  now: number,
): { day: string; runs: RunSummary[] }[] {
  const days: { day: string; runs: RunSummary[] }[] = []
  for (const run of runs) {
    const day = dayOf(run.createdAt, now)
    const last = days.at(-1)
    if (last?.day === day) last.runs.push(run)
    else days.push({ day, runs: [run] })
  }
  return days
}
