import type { IncidentKind } from '../../src/lib/contract/history.ts'
import type { ReasonName } from '../../src/lib/diagnosis/index.ts'
import { freshDoubts, learn, minutesNeeded, type Suspected } from './flap-damping.ts'
import type { Mark } from './roll-up.ts'
import {
  begin,
  flap,
  goOn,
  leave,
  recover,
  settle,
  type Incident,
  type IncidentEvent,
  type Told,
} from './incident.ts'
import type { Probe, Trouble } from './observation.ts'
import { BLIND_AFTER_MS, NEW_STATE, type MonitorState } from './state.ts'
import { MINUTE_MS } from '../time.ts'

/** A tick that is older than the newest one by less is late, and is left out; by more, the clock was set back. ms. */
const CLOCK_BACK_MS = 10 * MINUTE_MS

const NEWS_AFTER_MS = 5 * MINUTE_MS
const GOOD_TO_RECOVER = 2
const FLAP = { turns: 4, withinMs: 60 * MINUTE_MS } as const
/** Good minutes in a row that a flapping home has to show, longer each time it fails them. */
const HOLDS = [5, 10, 20, 60] as const
const RECENT = 5
const POOR_TO_DEGRADE = 3
const GOOD_TO_RISE = 4
/** Runs in a row without text that are no accident, and how long that is held against a home that nobody asks again. */
const GENERATION = { failures: 2, holdMs: 60 * MINUTE_MS } as const

/** How a minute stands in the history. */
export interface Slot {
  at: number
  mark: Mark
  trouble: Trouble | null
  ms: number | null
}

export interface Outcome {
  state: MonitorState
  /** Minutes to write down: this one, and an earlier one that is seen otherwise now. */
  slots: Slot[]
  events: IncidentEvent[]
  /** Whether this minute's failure is worth keeping with all that was seen. */
  isNews: boolean
}

type Taken = Omit<Outcome, 'isNews'>

/** Takes in one minute. Pure: no clock, no storage; a minute that was taken in before, or is late, changes nothing. */
export function step(state: MonitorState, probe: Probe): Outcome {
  const { at, failed } = probe
  if (hasTaken(state, at)) return { state, slots: [], events: [], isNews: false }
  const settled = settle(state.incident, at)
  const seen = withGeneration(withoutStale(state, at), probe)
  const taken = take({ ...seen, at, incident: settled.incident, failing: failed }, probe)
  const events = [...settled.events, ...taken.events]
  const isNews = failed !== null && isNewsIn(state, at, failed, events)
  const news = isNews ? { at, reason: failed, count: state.news.count + 1 } : state.news
  return { state: { ...taken.state, news }, slots: taken.slots, events, isNews }
}

/** A failure begins, or an incident is told to be of another kind. One that comes and goes is not kept each time. */
function isNewsIn(
  { failing, news }: MonitorState,
  at: number,
  failed: ReasonName,
  events: readonly IncidentEvent[],
) {
  const isTold = events.some(({ kind }) => TELLING.has(kind))
  return (
    (failed !== failing && Math.abs(at - news.at) >= NEWS_AFTER_MS) ||
    (isTold && failed !== news.reason)
  )
}

const TELLING: ReadonlySet<IncidentKind> = new Set(['opened', 'changed', 'worsened', 'recurred'])

/** Whether a minute was taken in before, or comes too late. */
export const hasTaken = (state: MonitorState, at: number): boolean =>
  state.at !== null && at <= state.at && state.at - at < CLOCK_BACK_MS

function take(state: MonitorState, probe: Probe): Taken {
  if (probe.level === 'none') return { state, slots: [slot(probe, 'unseen')], events: [] }
  const seen = { ...state, seenAt: probe.at }
  return probe.level === 'bad' && probe.trouble !== null
    ? fail(seen, probe, probe.trouble)
    : work(seen, probe)
}

/** In maintenance all goes on as ever, but it is not written down as how the home was. */
const slot = ({ at, trouble, ms, isMaintenance }: Probe, mark: Mark): Slot =>
  isMaintenance ? { at, mark: 'maintenance', trouble: null, ms: null } : { at, mark, trouble, ms }

/** What was begun before a gap is not gone on with after it. */
function withoutStale(state: MonitorState, at: number): MonitorState {
  const isGap = state.at === null || at < state.at || at - state.at > BLIND_AFTER_MS
  const last = state.suspected.at(-1)
  const isSuspicionOld = last !== undefined && Math.abs(at - last.at) > BLIND_AFTER_MS
  return {
    ...state,
    ...(isGap ? { good: 0, recent: '' } : {}),
    ...(isSuspicionOld ? { suspected: [] } : {}),
    doubts: freshDoubts(state.doubts, at),
    turns: state.turns.filter((turn) => turn <= at && at - turn < FLAP.withinMs),
  }
}

function withGeneration(state: MonitorState, { at, generation }: Probe): MonitorState {
  const { worked, failures, trouble } = generation
  const before = worked || at - (state.silent?.at ?? 0) >= GENERATION.holdMs ? null : state.silent
  if (trouble === null) return { ...state, silent: before }
  return { ...state, silent: { runs: (before?.runs ?? 0) + failures, trouble, at } }
}

function fail(state: MonitorState, probe: Probe, trouble: Trouble): Taken {
  if (state.settled === 'down') return failOn(state, probe, trouble)
  const isConfirmed =
    probe.isSure || state.suspected.length + 1 >= minutesNeeded(state.doubts, trouble)
  if (isConfirmed) return fall(state, probe, trouble)
  const { at, isMaintenance } = probe
  const suspected = [...state.suspected, { at, trouble, isMaintenance }]
  return { state: { ...state, suspected }, slots: [slot(probe, 'blip')], events: [] }
}

function failOn(state: MonitorState, probe: Probe, trouble: Trouble): Taken {
  const slots = [slot(probe, 'down')]
  if (state.incident === null) return { state: { ...state, good: 0 }, slots, events: [] }
  const { incident, events } = goOn(state.incident, trouble, probe.at)
  return { state: { ...state, good: 0, incident }, slots, events }
}

const downThen = ({ at, trouble }: Suspected): Slot => ({ at, trouble, mark: 'down', ms: null })

/** A failure is confirmed, and with it those that were only suspected. */
function fall(state: MonitorState, probe: Probe, trouble: Trouble): Taken {
  const { at } = probe
  const { suspected } = state
  const since = suspected[0]?.at ?? at
  const turns = [...state.turns, at]
  const isFlapping = turns.length >= FLAP.turns
  const told = begin(state.incident, 'down', trouble, since, at, state.incidents)
  const { incident, events } = isFlapping ? andThen(told, (one) => flap(one, at)) : told
  return {
    state: {
      ...state,
      ...{ settled: 'down', since, suspected: [], good: 0, recent: '', turns, incident },
      falls: isFlapping ? state.falls + 1 : 0,
      incidents: Math.max(state.incidents, incident?.number ?? 0),
    },
    slots: [...suspected.filter((one) => !one.isMaintenance).map(downThen), slot(probe, 'down')],
    events,
  }
}

function andThen(told: Told, next: (incident: Incident) => Told): Told {
  if (told.incident === null) return told
  const { incident, events } = next(told.incident)
  return { incident, events: [...told.events, ...events] }
}

function work(state: MonitorState, probe: Probe): Taken {
  const calm = { ...state, suspected: [], doubts: learn(state.doubts, state.suspected, probe) }
  if (state.settled === 'down') return heal(calm, probe)
  const from =
    state.settled === 'unknown' ? { ...calm, settled: 'up' as const, since: probe.at } : calm
  return weigh(from, probe)
}

/** How many good minutes a home that is down has to show in a row. */
export const goodNeeded = ({ falls }: Pick<MonitorState, 'falls'>): number =>
  falls === 0 ? GOOD_TO_RECOVER : (HOLDS[Math.min(falls, HOLDS.length) - 1] ?? GOOD_TO_RECOVER)

function heal(state: MonitorState, probe: Probe): Taken {
  const { at } = probe
  const good = state.good + 1
  const goodSince = state.good === 0 ? at : state.goodSince
  const slots = [slot(probe, 'up')]
  const next = { ...state, good, goodSince }
  if (good < goodNeeded(state)) return { state: next, slots, events: [] }
  const told = state.incident
    ? recover(state.incident, goodSince, at)
    : { incident: null, events: [] }
  const turns = [...state.turns, at]
  return {
    state: { ...next, settled: 'up', since: goodSince, good: 0, turns, incident: told.incident },
    slots,
    events: told.events,
  }
}

/** A home that works: whether it does so worse than it should, for long enough that somebody should look. */
function weigh(state: MonitorState, probe: Probe): Taken {
  const isSilent = state.silent !== null && state.silent.runs >= GENERATION.failures
  const trouble = (isSilent ? state.silent?.trouble : null) ?? probe.trouble
  const recent = (state.recent + (trouble === null ? 'g' : 'p')).slice(-RECENT)
  const seen = { ...state, recent }
  const poor = count(recent, 'p')
  if (state.settled === 'up' && trouble !== null && (isSilent || poor >= POOR_TO_DEGRADE))
    return degrade(seen, probe, trouble)
  if (state.settled === 'degraded' && count(recent, 'g') >= GOOD_TO_RISE) return rise(seen, probe)
  return {
    state: seen,
    slots: [slot(probe, state.settled === 'degraded' ? 'degraded' : 'up')],
    events: [],
  }
}

const count = (text: string, letter: string) => [...text].filter((one) => one === letter).length

function degrade(state: MonitorState, probe: Probe, trouble: Trouble): Taken {
  const { at } = probe
  const { incident, events } = begin(state.incident, 'degraded', trouble, at, at, state.incidents)
  const incidents = Math.max(state.incidents, incident?.number ?? 0)
  return {
    state: { ...state, settled: 'degraded', since: at, incident, incidents },
    slots: [slot({ ...probe, trouble }, 'degraded')],
    events,
  }
}

function rise(state: MonitorState, probe: Probe): Taken {
  const { at } = probe
  const told = state.incident ? recover(state.incident, at, at) : { incident: null, events: [] }
  return {
    state: { ...state, settled: 'up', since: at, incident: told.incident },
    slots: [slot(probe, 'up')],
    events: told.events,
  }
}

/** Another home is watched from now on. What lasted ends with its last minute, and should this one come back, it begins anew. */
export function leaveHome(state: MonitorState): Told & { state: MonitorState } {
  const { incident, at } = state
  if (incident === null || incident.endedAt !== null || at === null)
    return { state, incident, events: [] }
  return {
    state: { ...NEW_STATE, at, incidents: state.incidents, news: state.news },
    ...leave(incident, at),
  }
}
