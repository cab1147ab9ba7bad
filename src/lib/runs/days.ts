import type { RunSummary } from '$lib/contract/runs'

const DAY_MS = 24 * 3_600_000

/** "Today", "Yesterday", or the date, on this device. */
function dayOf(iso: string, now: number): string {
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
