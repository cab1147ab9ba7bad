import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verdictOf } from '../../tests/support/simulated-year/verdicts.ts'
import type { ReasonName, Verdict } from '../../src/lib/diagnosis/index.ts'
import type { IncidentEvent } from './incident.ts'
import { MINUTE_MS } from '../time.ts'
import { observationOf, troubleOfRun, type RunEvidence } from './observation.ts'
import { NEW_STATE, phaseAt, type MonitorState } from './state.ts'
import { abandonHome, reduce } from './reducer.ts'
import type { Slot } from './slot.ts'

const AT = Date.UTC(2026, 10, 24, 8)

/** What one minute observes; `null`: no tick came. */
type Minute =
  Verdict[] | { verdicts: Verdict[]; runs?: RunEvidence[]; isMaintenance?: boolean } | null

const good = [verdictOf('all_lit', 120)]
const slow = [verdictOf('slow', 2500, 'warn')]
const silent = Array<Verdict>(3).fill(verdictOf('no_answer'))
const refused = Array<Verdict>(3).fill(verdictOf('nothing_listens_here'))
const tunnel = Array<Verdict>(3).fill(verdictOf('cloudflared_not_connected'))
const blind = [verdictOf('no_way_out')]
const nameless = [verdictOf('unnamed')]

function monitor(minutes: readonly Minute[], before: MonitorState = NEW_STATE) {
  let state = before
  const events: IncidentEvent[] = []
  const recorded = new Map<number, Slot['state']>()
  const first = (before.at ?? AT - MINUTE_MS) + MINUTE_MS
  for (const [nth, minute] of minutes.entries()) {
    if (minute === null) continue
    const at = first + nth * MINUTE_MS
    const evidence = Array.isArray(minute) ? { verdicts: minute } : minute
    const reduction = reduce(state, observationOf({ at, ...evidence }))
    ;({ state } = reduction)
    events.push(...reduction.events)
    for (const slot of reduction.slots) recorded.set((slot.at - first) / MINUTE_MS, slot.state)
  }
  return {
    state,
    events,
    kinds: events.map(({ kind }) => kind),
    slots: minutes.map((_, nth) => recorded.get(nth) ?? null),
  }
}

const times = (count: number, minute: Minute): Minute[] => Array<Minute>(count).fill(minute)

describe('minute by minute', () => {
  test('a single failed minute is a blip without an incident or downtime', () => {
    const { kinds, slots, state } = monitor([good, silent, good])
    expect([kinds, slots, state.home]).toEqual([[], ['up', 'blip', 'up'], 'up'])
  })

  test('a second failed minute confirms the first, and the incident begins with the first', () => {
    const { events, slots, state } = monitor([good, silent, silent])
    expect(slots).toEqual(['up', 'down', 'down'])
    expect(events).toMatchObject([
      { kind: 'opened', level: 'down', cause: 'timed_out', notify: 'loud', seq: 1 },
    ])
    expect(
      [state.since, state.incident?.startedAt, state.incident?.openedAt].map(minuteOf),
    ).toEqual([1, 1, 2])
  })

  test('a cause that cannot pass by chance is accepted at once if every check of the minute names it', () => {
    expect(monitor([good, tunnel]).kinds).toEqual(['opened'])
    expect(monitor([good, tunnel.slice(0, 1)]).kinds).toEqual([])
    expect(monitor([good, [...tunnel.slice(0, 2), ...silent.slice(0, 1)]]).kinds).toEqual([])
  })

  const passingOnRetry = [...silent.slice(0, 1), ...good]
  /** A failure that lasts into a second minute and then passes. */
  const falseAlarm = [good, silent, passingOnRetry]

  test('after a false alarm the next failure needs one more confirmation, for a week', () => {
    const { state, kinds } = monitor(falseAlarm)
    expect(kinds).toEqual([])
    expect(monitor([good, silent, silent], state).kinds).toEqual([])
    expect(monitor([good, silent, silent, silent], state)).toMatchObject({
      kinds: ['opened'],
      slots: ['up', 'down', 'down', 'down'],
    })
    const later = { ...state, at: (state.at ?? 0) + 7 * 1440 * MINUTE_MS }
    expect(monitor([good, silent, silent], later).kinds).toEqual(['opened'])
  })

  test('repeated false alarms raise the confirmations to four and never more', () => {
    const often = monitor([...falseAlarm, ...falseAlarm, ...falseAlarm, ...falseAlarm]).state
    expect(monitor([good, ...times(3, silent)], often).kinds).toEqual([])
    expect(monitor([good, ...times(4, silent)], often).kinds).toEqual(['opened'])
    const always = monitor(Array(40).fill(falseAlarm).flat()).state
    expect(monitor([good, ...times(4, silent)], always).kinds).toEqual(['opened'])
  })

  test('extra confirmations apply to one cause only, and not to causes that cannot pass by chance', () => {
    const { state } = monitor([...falseAlarm, ...falseAlarm, ...falseAlarm])
    expect(monitor([good, refused, refused], state).kinds).toEqual(['opened'])
    expect(monitor([good, tunnel], state).kinds).toEqual(['opened'])
    expect(
      monitor([good, { verdicts: silent, runs: [runResult('no_answer', AT)] }], state).kinds,
    ).toEqual(['opened'])
  })

  test('single failed minutes never raise the confirmations', () => {
    const { state } = monitor(Array(30).fill([good, silent]).flat())
    expect(monitor([good, silent, silent], state).kinds).toEqual(['opened'])
  })

  test('two good minutes end an incident as of the first, and one does not', () => {
    const one = monitor([tunnel, good, tunnel])
    expect([one.kinds, one.state.home]).toEqual([['opened'], 'down'])
    const two = monitor([tunnel, good, good])
    expect([two.kinds, two.state.home, minuteOf(two.state.since)]).toEqual([
      ['opened', 'recovered'],
      'up',
      1,
    ])
  })

  test('blind checks and unknown causes count neither for nor against the home', () => {
    const { slots, kinds, state } = monitor([good, ...times(20, blind), ...times(20, nameless)])
    expect([kinds, state.home]).toEqual([[], 'up'])
    expect(slots.slice(1)).toEqual(Array(40).fill('unknown'))
    expect(monitor([tunnel, blind, good, blind, good]).kinds).toEqual(['opened', 'recovered'])
  })

  test('a failure half an hour later does not confirm an earlier one', () => {
    expect(monitor([good, silent, ...times(29, null), silent]).kinds).toEqual([])
    expect(monitor([good, silent, null, silent]).kinds).toEqual(['opened'])
  })

  test('after three minutes without a tick the state is unknown', () => {
    const { state } = monitor([good, good])
    const at = state.at ?? 0
    expect(phaseAt(state, at + 3 * MINUTE_MS)).toBe('up')
    expect(phaseAt(state, at + 3 * MINUTE_MS + 1)).toBe('unknown')
    expect(phaseAt(NEW_STATE, AT)).toBe('unknown')
  })

  test('after three minutes of blind checks the state is unknown', () => {
    const { state } = monitor([good, ...times(5, blind)])
    expect([state.home, phaseAt(state, state.at ?? 0)]).toEqual(['up', 'unknown'])
    expect(phaseAt(monitor([good, ...times(2, blind)]).state, AT + 2 * MINUTE_MS)).toBe('up')
  })

  test('a clock that is set back is followed', () => {
    const { state } = monitor([good, good])
    const earlier = observationOf({ at: AT - 24 * 60 * MINUTE_MS, verdicts: good })
    expect(reduce(state, earlier).state.at).toBe(earlier.at)
  })
})

const minuteOf = (ms: number | undefined) => ((ms ?? NaN) - AT) / MINUTE_MS

describe('incidents', () => {
  test('an incident stays one while its cause changes, and a cause seen once is no change', () => {
    const { events } = monitor([tunnel, refused, tunnel, refused, refused, ...times(5, tunnel)])
    expect(events.map(({ kind, cause, notify }) => [kind, cause, notify])).toEqual([
      ['opened', 'tunnel_down', 'loud'],
      ['changed', 'connection_failed', 'quiet'],
      ['changed', 'tunnel_down', 'quiet'],
    ])
    expect(new Set(events.map(({ incident }) => incident))).toEqual(new Set([1]))
  })

  test('the root of an incident is the lowest rung that failed', () => {
    const { state } = monitor([tunnel, silent, silent])
    expect(state.incident).toMatchObject({ rung: 'tunnel', cause: 'timed_out' })
    const lowest = monitor([...times(2, silent), tunnel, tunnel]).state
    expect(lowest.incident).toMatchObject({ rung: 'tunnel', cause: 'tunnel_down' })
  })

  test('an outage within 15 minutes reopens the incident, and a later one is new', () => {
    expect(monitor([tunnel, good, good, good, tunnel]).kinds).toEqual([
      'opened',
      'recovered',
      'recurred',
    ])
    const later = monitor([tunnel, ...times(20, good), tunnel])
    expect(later.kinds).toEqual(['opened', 'recovered', 'closed', 'opened'])
    expect(later.state.incident?.number).toBe(2)
  })

  test('flapping is reported once, and recovery needs longer each time', () => {
    const flap: Minute[] = [tunnel, tunnel, good, good, good]
    const { kinds, state } = monitor([good, ...flap, ...flap, ...flap])
    expect(kinds).toEqual(['opened', 'recovered', 'recurred', 'recovered', 'recurred', 'flapping'])
    expect(state.home).toBe('down')
    expect(monitor(times(4, good), state).kinds).toEqual(['recovered'])
  })

  test('a home that flaps for a day sends at most a few alerts an hour', () => {
    const { events } = monitor(
      Array.from({ length: 240 }, () => [tunnel, tunnel, tunnel, good, good, good]).flat(),
    )
    expect(events.filter(({ notify }) => notify === 'loud').length).toBeLessThan(48)
  })
})

describe('degraded homes', () => {
  test('three slow minutes of five degrade a home, and four good ones end it', () => {
    const { kinds, slots } = monitor([...times(5, good), slow, good, slow, slow, ...times(4, good)])
    expect(kinds).toEqual(['opened', 'recovered'])
    expect(slots.slice(5)).toEqual([
      'up',
      'up',
      'up',
      'degraded',
      'degraded',
      'degraded',
      'degraded',
      'up',
    ])
  })

  test('a degraded state sends no alert, and a following outage does', () => {
    const { events } = monitor([...times(3, slow), tunnel])
    expect(events.map(({ kind, level, notify }) => [kind, level, notify])).toEqual([
      ['opened', 'degraded', 'quiet'],
      ['worsened', 'down', 'loud'],
    ])
  })

  test('one slow minute changes nothing', () => {
    expect(monitor([good, slow, good, good, slow, good]).kinds).toEqual([])
  })
})

const runResult = (reason: ReasonName | null, at: number): RunEvidence => ({
  at,
  trouble: reason === null ? null : troubleOfRun(verdictOf(reason).cause, reason),
})

describe('maintenance', () => {
  const planned = (verdicts: Verdict[]) => ({ verdicts, isMaintenance: true })

  test('maintenance is recorded as maintenance whatever the checks find', () => {
    const { kinds, slots } = monitor([
      good,
      planned(tunnel),
      planned(tunnel),
      planned(good),
      planned(good),
      good,
    ])
    expect(kinds).toEqual(['opened', 'recovered'])
    expect(slots).toEqual(['up', ...times(4, null).map(() => 'maintenance'), 'up'])
  })

  test('a failure confirmed after maintenance does not turn maintenance into downtime', () => {
    const { kinds, slots } = monitor([good, silent, good, planned(silent), silent])
    expect([kinds, slots]).toEqual([['opened'], ['up', 'blip', 'up', 'maintenance', 'down']])
    expect(monitor([silent, planned(silent)]).slots).toEqual(['down', 'maintenance'])
  })

  test('failures during maintenance do not raise the confirmations', () => {
    const { state } = monitor([good, planned(silent), planned(silent.slice(0, 1).concat(good))])
    expect(monitor([good, silent, silent], state).kinds).toEqual(['opened'])
  })

  test('maintenance leaves no cause and no response time behind', () => {
    const at = AT + MINUTE_MS
    const [slot] = reduce(
      NEW_STATE,
      observationOf({ at, verdicts: good, isMaintenance: true }),
    ).slots
    expect(slot).toEqual({ at, state: 'maintenance', trouble: null, ms: null })
    const degraded = monitor([...times(3, slow)]).state
    const planned = observationOf({ at: AT + 3 * MINUTE_MS, verdicts: slow, isMaintenance: true })
    expect(reduce(degraded, planned).slots).toMatchObject([{ trouble: null, ms: null }])
  })
})

describe('a home that is no longer monitored', () => {
  test('leaving a home ends its incident at the last observed minute, as left and not as recovered', () => {
    const { state, incident, events } = abandonHome(monitor([good, tunnel, tunnel]).state)
    expect(events).toMatchObject([
      { kind: 'left', notify: 'loud', cause: 'tunnel_down', level: 'down' },
    ])
    expect(
      [incident?.endedAt, state.incident, state.home].map((one) =>
        typeof one === 'number' ? minuteOf(one) : one,
      ),
    ).toEqual([2, null, 'unknown'])
  })

  test('returning to a home that still fails opens another incident', () => {
    const { state } = abandonHome(monitor([tunnel]).state)
    const { events } = monitor([tunnel], state)
    expect(events).toMatchObject([{ kind: 'opened', incident: 2 }])
  })

  test('leaving a home without an incident reports nothing', () => {
    for (const minutes of [[good], [tunnel, good, good]])
      expect(abandonHome(monitor(minutes).state).events).toEqual([])
  })
})

describe('real runs', () => {
  test('after a run that failed because of the home, one failed check is enough', () => {
    expect(monitor([good, { verdicts: silent, runs: [runResult('no_answer', AT)] }]).kinds).toEqual(
      ['opened'],
    )
    expect(monitor([good, { verdicts: good, runs: [runResult('no_answer', AT)] }]).kinds).toEqual(
      [],
    )
  })

  test('a run that worked overrides a failed check', () => {
    const { slots } = monitor([
      good,
      { verdicts: silent, runs: [runResult(null, AT + 2 * MINUTE_MS)] },
    ])
    expect(slots).toEqual(['up', 'up'])
    expect(monitor([good, { verdicts: silent, runs: [runResult(null, AT - 1)] }]).slots).toEqual([
      'up',
      'blip',
    ])
  })

  test('two runs in a row without text degrade a home with passing checks, until one works', () => {
    const hangs = (...reasons: (ReasonName | null)[]) => ({
      verdicts: good,
      runs: reasons.map((one) => runResult(one, AT)),
    })
    expect(monitor([good, hangs('generation_hangs'), good]).kinds).toEqual([])
    expect(monitor([good, hangs('generation_hangs', 'generation_hangs')]).events).toMatchObject([
      { kind: 'opened', level: 'degraded', rung: 'generate' },
    ])
    const { kinds } = monitor([
      hangs('generation_hangs'),
      hangs('generation_hangs'),
      hangs(null),
      ...times(3, good),
    ])
    expect(kinds).toEqual(['opened', 'recovered'])
    expect(monitor([hangs('generation_hangs', null, 'generation_hangs')]).kinds).toEqual([])
  })

  test('failed runs count against an idle home for one hour only', () => {
    const hangs = {
      verdicts: good,
      runs: [runResult('generation_hangs', AT), runResult('generation_hangs', AT)],
    }
    expect(monitor([hangs, ...times(59, good)]).state.home).toBe('degraded')
    expect(monitor([hangs, ...times(64, good)]).state.home).toBe('up')
  })

  test('a run of a missing model says nothing about the home', () => {
    expect(troubleOfRun('model_missing', 'model_not_installed')).toBe(null)
    expect(troubleOfRun('ollama_busy', 'queue_full')).toBe(null)
  })
})

/** Minutes as a hostile clock would deliver them: any result, any gap, repeated, late and out of order. */
const ticks = fc.array(
  fc.record({
    skip: fc.integer({ min: -3, max: 20 }),
    verdicts: fc.constantFrom(good, slow, silent, tunnel, refused, blind, nameless),
  }),
  { maxLength: 120 },
)

function monitorTicks(list: readonly { skip: number; verdicts: Verdict[] }[]) {
  let state = NEW_STATE
  let at = AT
  const recorded = new Set<number>()
  const events: IncidentEvent[] = []
  const offered = new Set<number>()
  for (const { skip, verdicts } of list) {
    at += skip * MINUTE_MS
    offered.add(at)
    const reduction = reduce(state, observationOf({ at, verdicts }))
    ;({ state } = reduction)
    events.push(...reduction.events)
    for (const slot of reduction.slots) recorded.add(slot.at)
  }
  return { state, events, recorded, offered }
}

describe('any sequence of ticks', () => {
  test('a minute without a tick is never recorded', () => {
    fc.assert(
      fc.property(ticks, (list) => {
        const { recorded, offered } = monitorTicks(list)
        expect([...recorded].filter((at) => !offered.has(at))).toEqual([])
      }),
    )
  })

  test('every incident opens once, closes at most once, and numbers its events without gaps', () => {
    fc.assert(
      fc.property(ticks, (list) => {
        const byIncident = Map.groupBy(monitorTicks(list).events, ({ incident }) => incident)
        expect([...byIncident.keys()]).toEqual([...byIncident.keys()].map((_, at) => at + 1))
        for (const events of byIncident.values()) {
          const kinds = events.map(({ kind }) => kind)
          expect(kinds.filter((kind) => kind === 'opened')).toEqual(['opened'])
          expect(kinds[0]).toBe('opened')
          expect(kinds.lastIndexOf('closed')).toSatisfy(
            (at) => at === -1 || at === kinds.length - 1,
          )
          expect(kinds.indexOf('closed')).toBe(kinds.lastIndexOf('closed'))
          expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
        }
      }),
    )
  })

  test('at most one incident is open at a time', () => {
    fc.assert(
      fc.property(ticks, (list) => {
        let ongoing = 0
        for (const { kind } of monitorTicks(list).events) {
          if (kind === 'opened' || kind === 'recurred') ongoing++
          if (kind === 'recovered') ongoing--
          expect(ongoing).toBeOneOf([0, 1])
        }
      }),
    )
  })

  test('a repeated tick changes nothing, whatever it reports', () => {
    fc.assert(
      fc.property(ticks, fc.constantFrom(good, silent, tunnel, blind), (list, other) => {
        const { state } = monitorTicks(list)
        if (state.at === null) return
        for (const at of [state.at, state.at - MINUTE_MS, state.at - 9 * MINUTE_MS])
          expect(reduce(state, observationOf({ at, verdicts: other }))).toEqual({
            state,
            slots: [],
            events: [],
            isNewFailure: false,
          })
      }),
    )
  })

  test('no outage is reported that was not seen twice or by a certain cause', () => {
    fc.assert(
      fc.property(ticks, (list) => {
        const transient = list.filter(({ verdicts }) => verdicts !== tunnel && verdicts !== slow)
        const alternating = transient.flatMap((one) => [one, { skip: 1, verdicts: good }])
        expect(
          monitorTicks(
            alternating.map(({ skip, verdicts }) => ({ skip: Math.max(1, skip), verdicts })),
          ).events,
        ).toEqual([])
      }),
    )
  })
})
