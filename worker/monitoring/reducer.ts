import type { IncidentKind } from '../../src/lib/contract/history.ts'
import type { ReasonName } from '../../src/lib/diagnosis/index.ts'
import { MINUTE_MS } from '../time.ts'
import { confirmationsNeeded, recentFalseAlarms, withFalseAlarms } from './flap-damping.ts'
import {
  abandon,
  closeIfExpired,
  confirm,
  markFlapping,
  recover,
  unchanged,
  updateCause,
  type IncidentChange,
  type IncidentEvent,
} from './incident.ts'
import type { Observation, Trouble } from './observation.ts'
import { downSlotsOf, slotOf, type Slot } from './slot.ts'
import { NEW_STATE, RECENT_LETTERS, STALE_AFTER_MS, type MonitorState } from './state.ts'

/** A minute that is older than the newest one by less than this is late; by more, the clock was set back. */
const CLOCK_SET_BACK_MS = 10 * MINUTE_MS
const SAVE_FAILURE_AFTER_MS = 5 * MINUTE_MS
const PASSES_TO_RECOVER = 2
const FLAPPING = { transitions: 4, withinMs: 60 * MINUTE_MS } as const
/** Consecutive passes after which a flapping home counts as up, by the number of flaps. */
const PASSES_WHEN_FLAPPING = [5, 10, 20, 60] as const
const RECENT_MINUTES = 5
const WARNINGS_TO_DEGRADE = 3
const PASSES_TO_RESTORE = 4
/** This many consecutive runs without text degrade the home, until a run works or the time is over. */
const GENERATION = { failures: 2, retentionMs: 60 * MINUTE_MS } as const

export interface Reduction {
  state: MonitorState
  /** Minutes to record: this one, and earlier ones that a confirmation changes. */
  slots: Slot[]
  events: IncidentEvent[]
  /** Whether to save this minute's failure with its evidence. */
  isNewFailure: boolean
}

type Transition = Omit<Reduction, 'isNewFailure'>

/** Processes one minute. Pure: no clock, no storage. A minute that is late or was processed before changes nothing. */
export function reduce(state: MonitorState, observation: Observation): Reduction {
  const { at, failedReason } = observation
  if (isProcessed(state, at)) return { state, slots: [], events: [], isNewFailure: false }
  const closed = closeIfExpired(state.incident, at)
  const current = withRuns(withoutStale(state, at), observation)
  const next = { ...current, at, incident: closed.incident, failing: failedReason }
  const transition = applyResult(next, observation)
  const events = [...closed.events, ...transition.events]
  const isNewFailure = failedReason !== null && isNew(failedReason, state, at, events)
  const savedFailure = isNewFailure
    ? { at, reason: failedReason, count: state.savedFailure.count + 1 }
    : state.savedFailure
  return { ...transition, state: { ...transition.state, savedFailure }, events, isNewFailure }
}

/** The reason has changed, or an incident has. A failure that comes and goes is not saved each time. */
function isNew(
  failedReason: ReasonName,
  { failing, savedFailure }: MonitorState,
  at: number,
  events: readonly IncidentEvent[],
): boolean {
  const isIncident = events.some(({ kind }) => FAILURE_EVENTS.has(kind))
  return (
    (failedReason !== failing && Math.abs(at - savedFailure.at) >= SAVE_FAILURE_AFTER_MS) ||
    (isIncident && failedReason !== savedFailure.reason)
  )
}

const FAILURE_EVENTS: ReadonlySet<IncidentKind> = new Set([
  'opened',
  'changed',
  'worsened',
  'recurred',
])

/** Whether a minute was processed before, or comes too late. */
export const isProcessed = (state: MonitorState, at: number): boolean =>
  state.at !== null && at <= state.at && state.at - at < CLOCK_SET_BACK_MS

function applyResult(state: MonitorState, observation: Observation): Transition {
  const { at, result, trouble } = observation
  if (result === 'unknown') return { state, slots: [slotOf(observation, 'unknown')], events: [] }
  const next = { ...state, seenAt: at }
  return result === 'fail' && trouble !== null
    ? onFailure(next, observation, trouble)
    : onPass(next, observation)
}

/** Counts of consecutive minutes do not continue across a gap. */
function withoutStale(state: MonitorState, at: number): MonitorState {
  const isGap = state.at === null || at < state.at || at - state.at > STALE_AFTER_MS
  const last = state.suspected.at(-1)
  const isSuspicionStale = last !== undefined && Math.abs(at - last.at) > STALE_AFTER_MS
  return {
    ...state,
    passes: isGap ? 0 : state.passes,
    recent: isGap ? '' : state.recent,
    suspected: isSuspicionStale ? [] : state.suspected,
    falseAlarms: recentFalseAlarms(state.falseAlarms, at),
    transitions: state.transitions.filter((time) => time <= at && at - time < FLAPPING.withinMs),
  }
}

function withRuns(state: MonitorState, { at, generation }: Observation): MonitorState {
  const { hasWorked, failures, trouble } = generation
  const isExpired = at - (state.failedRuns?.at ?? 0) >= GENERATION.retentionMs
  const before = hasWorked || isExpired ? null : state.failedRuns
  if (trouble === null) return { ...state, failedRuns: before }
  return { ...state, failedRuns: { runs: (before?.runs ?? 0) + failures, trouble, at } }
}

function onFailure(state: MonitorState, observation: Observation, trouble: Trouble): Transition {
  if (state.home === 'down') return stayDown(state, observation, trouble)
  const failedMinutes = state.suspected.length + 1
  if (observation.isConfirmed || failedMinutes >= confirmationsNeeded(state.falseAlarms, trouble))
    return goDown(state, observation, trouble)
  const { at, isMaintenance } = observation
  const suspected = [...state.suspected, { at, trouble, isMaintenance }]
  return { state: { ...state, suspected }, slots: [slotOf(observation, 'blip')], events: [] }
}

function stayDown(state: MonitorState, observation: Observation, trouble: Trouble): Transition {
  const { incident, events } = state.incident
    ? updateCause(state.incident, trouble, observation.at)
    : unchanged(null)
  return { state: { ...state, passes: 0, incident }, slots: [slotOf(observation, 'down')], events }
}

/** Confirms a failure, and with it the suspected minutes before it. */
function goDown(state: MonitorState, observation: Observation, trouble: Trouble): Transition {
  const { at } = observation
  const since = state.suspected[0]?.at ?? at
  const transitions = [...state.transitions, at]
  const isFlapping = transitions.length >= FLAPPING.transitions
  const failure = { level: 'down', trouble, startedAt: since, at } as const
  const confirmed = confirm(state.incident, failure, state.incidentCount)
  const { incident, events } = isFlapping ? flapping(confirmed, at) : confirmed
  return {
    state: {
      ...state,
      home: 'down',
      since,
      suspected: [],
      passes: 0,
      recent: '',
      transitions,
      flaps: isFlapping ? state.flaps + 1 : 0,
      incident,
      incidentCount: Math.max(state.incidentCount, incident?.number ?? 0),
    },
    slots: [...downSlotsOf(state.suspected), slotOf(observation, 'down')],
    events,
  }
}

function flapping(change: IncidentChange, at: number): IncidentChange {
  if (change.incident === null) return change
  const { incident, events } = markFlapping(change.incident, at)
  return { incident, events: [...change.events, ...events] }
}

function onPass(state: MonitorState, observation: Observation): Transition {
  const falseAlarms = withFalseAlarms(state.falseAlarms, state.suspected, observation)
  const next = { ...state, suspected: [], falseAlarms }
  if (state.home === 'down') return recoverOnPass(next, observation)
  if (state.home !== 'unknown') return upOrDegraded(next, observation)
  return upOrDegraded({ ...next, home: 'up', since: observation.at }, observation)
}

const passesNeeded = ({ flaps }: MonitorState): number =>
  flaps === 0
    ? PASSES_TO_RECOVER
    : (PASSES_WHEN_FLAPPING[Math.min(flaps, PASSES_WHEN_FLAPPING.length) - 1] ?? PASSES_TO_RECOVER)

function recoverOnPass(state: MonitorState, observation: Observation): Transition {
  const { at } = observation
  const passes = state.passes + 1
  const passingSince = state.passes === 0 ? at : state.passingSince
  const slots = [slotOf(observation, 'up')]
  const next = { ...state, passes, passingSince }
  if (passes < passesNeeded(state)) return { state: next, slots, events: [] }
  const transitions = [...state.transitions, at]
  return goUp({ ...next, passes: 0, transitions }, passingSince, at, slots)
}

function goUp(state: MonitorState, since: number, at: number, slots: Slot[]): Transition {
  const { incident, events } = state.incident ? recover(state.incident, since, at) : unchanged(null)
  return { state: { ...state, home: 'up', since, incident }, slots, events }
}

/** A home that works is degraded if recent minutes had warnings, or if runs return no text. */
function upOrDegraded(state: MonitorState, observation: Observation): Transition {
  const hasFailedRuns = state.failedRuns !== null && state.failedRuns.runs >= GENERATION.failures
  const trouble = (hasFailedRuns ? state.failedRuns?.trouble : null) ?? observation.trouble
  const letter = RECENT_LETTERS[trouble === null ? 'pass' : 'warn']
  const recent = (state.recent + letter).slice(-RECENT_MINUTES)
  const next = { ...state, recent }
  const isWarning = hasFailedRuns || count(recent, 'warn') >= WARNINGS_TO_DEGRADE
  if (state.home === 'up' && trouble !== null && isWarning)
    return degrade(next, observation, trouble)
  if (state.home === 'degraded' && count(recent, 'pass') >= PASSES_TO_RESTORE)
    return goUp(next, observation.at, observation.at, [slotOf(observation, 'up')])
  const slot = slotOf(observation, state.home === 'degraded' ? 'degraded' : 'up')
  return { state: next, slots: [slot], events: [] }
}

const count = (recent: string, result: keyof typeof RECENT_LETTERS) =>
  recent.split(RECENT_LETTERS[result]).length - 1

function degrade(state: MonitorState, observation: Observation, trouble: Trouble): Transition {
  const { at } = observation
  const failure = { level: 'degraded', trouble, startedAt: at, at } as const
  const { incident, events } = confirm(state.incident, failure, state.incidentCount)
  const incidentCount = Math.max(state.incidentCount, incident?.number ?? 0)
  return {
    state: { ...state, home: 'degraded', since: at, incident, incidentCount },
    slots: [slotOf({ ...observation, trouble }, 'degraded')],
    events,
  }
}

/** Ends the incident of a home that is no longer monitored. If the home is monitored again, it starts as new. */
export function abandonHome(state: MonitorState): IncidentChange & { state: MonitorState } {
  const { incident, at, incidentCount, savedFailure } = state
  if (incident === null || incident.endedAt !== null || at === null)
    return { state, incident, events: [] }
  return { state: { ...NEW_STATE, at, incidentCount, savedFailure }, ...abandon(incident, at) }
}
