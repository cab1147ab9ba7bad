import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verdictOf } from '../../tests/support/simulated-year/verdicts.ts'
import type { ReasonName, Verdict } from '../../src/lib/diagnosis/index.ts'
import type { IncidentEvent } from './incident.ts'
import { probeOf, troubleOfRun, type RunEvidence } from './observation.ts'
import { NEW_STATE, phaseAt, type MonitorState } from './state.ts'
import { leaveHome, step, type Slot } from './reducer.ts'
import { MINUTE_MS } from '../time.ts'

const AT = Date.UTC(2026, 10, 24, 8)

type Seen =
  Verdict[] | { verdicts: Verdict[]; runs?: RunEvidence[]; isMaintenance?: boolean } | null

const good = [verdictOf('all_lit', 120)]
const slow = [verdictOf('slow', 2500, 'warn')]
const silent = Array<Verdict>(3).fill(verdictOf('no_answer'))
const refused = Array<Verdict>(3).fill(verdictOf('nothing_listens_here'))
const tunnel = Array<Verdict>(3).fill(verdictOf('cloudflared_not_connected'))
const blind = [verdictOf('no_way_out')]
const nameless = [verdictOf('unnamed')]

/** One entry a minute; `null`: no tick came. */
function watch(minutes: readonly Seen[], begin: MonitorState = NEW_STATE) {
  let state = begin
  const events: IncidentEvent[] = []
  const marks = new Map<number, Slot['mark']>()
  const first = (begin.at ?? AT - MINUTE_MS) + MINUTE_MS
  for (const [minute, seen] of minutes.entries()) {
    if (seen === null) continue
    const { verdicts, runs = [], isMaintenance } = Array.isArray(seen) ? { verdicts: seen } : seen
    const at = first + minute * MINUTE_MS
    const outcome = step(state, probeOf(at, verdicts, runs, at, isMaintenance))
    ;({ state } = outcome)
    events.push(...outcome.events)
    for (const slot of outcome.slots) marks.set((slot.at - first) / MINUTE_MS, slot.mark)
  }
  return {
    state,
    events,
    kinds: events.map(({ kind }) => kind),
    marks: minutes.map((_, at) => marks.get(at) ?? null),
  }
}

const times = (count: number, seen: Seen): Seen[] => Array<Seen>(count).fill(seen)

describe('minute by minute', () => {
  test('a single failed minute is a blip without an incident or downtime', () => {
    const { kinds, marks, state } = watch([good, silent, good])
    expect([kinds, marks, state.settled]).toEqual([[], ['up', 'blip', 'up'], 'up'])
  })

  test('a second failed minute confirms the first, and the incident begins with the first', () => {
    const { events, marks, state } = watch([good, silent, silent])
    expect(marks).toEqual(['up', 'down', 'down'])
    expect(events).toMatchObject([
      { kind: 'opened', level: 'down', cause: 'timed_out', tell: 'loud', seq: 1 },
    ])
    expect(
      [state.since, state.incident?.startedAt, state.incident?.openedAt].map(minuteOf),
    ).toEqual([1, 1, 2])
  })

  test('a cause that cannot pass by chance is accepted at once if every check of the minute names it', () => {
    expect(watch([good, tunnel]).kinds).toEqual(['opened'])
    expect(watch([good, tunnel.slice(0, 1)]).kinds).toEqual([])
    expect(watch([good, [...tunnel.slice(0, 2), ...silent.slice(0, 1)]]).kinds).toEqual([])
  })

  const wavering = [...silent.slice(0, 1), ...good]
  /** A failure that goes on into a second minute, and is nothing. */
  const nearMiss = [good, silent, wavering]

  test('after a false alarm the next failure needs one more confirmation, for a week', () => {
    const { state, kinds } = watch(nearMiss)
    expect(kinds).toEqual([])
    expect(watch([good, silent, silent], state).kinds).toEqual([])
    expect(watch([good, silent, silent, silent], state)).toMatchObject({
      kinds: ['opened'],
      marks: ['up', 'down', 'down', 'down'],
    })
    const later = { ...state, at: (state.at ?? 0) + 7 * 1440 * MINUTE_MS }
    expect(watch([good, silent, silent], later).kinds).toEqual(['opened'])
  })

  test('repeated false alarms raise the confirmations to four and never more', () => {
    const often = watch([...nearMiss, ...nearMiss, ...nearMiss, ...nearMiss]).state
    expect(watch([good, ...times(3, silent)], often).kinds).toEqual([])
    expect(watch([good, ...times(4, silent)], often).kinds).toEqual(['opened'])
    const always = watch(Array(40).fill(nearMiss).flat()).state
    expect(watch([good, ...times(4, silent)], always).kinds).toEqual(['opened'])
  })

  test('extra confirmations apply to one cause only, and not to causes that cannot pass by chance', () => {
    const { state } = watch([...nearMiss, ...nearMiss, ...nearMiss])
    expect(watch([good, refused, refused], state).kinds).toEqual(['opened'])
    expect(watch([good, tunnel], state).kinds).toEqual(['opened'])
    expect(watch([good, { verdicts: silent, runs: [run('no_answer', AT)] }], state).kinds).toEqual([
      'opened',
    ])
  })

  test('single failed minutes never raise the confirmations', () => {
    const { state } = watch(Array(30).fill([good, silent]).flat())
    expect(watch([good, silent, silent], state).kinds).toEqual(['opened'])
  })

  test('two good minutes end an incident as of the first, and one does not', () => {
    const one = watch([tunnel, good, tunnel])
    expect([one.kinds, one.state.settled]).toEqual([['opened'], 'down'])
    const two = watch([tunnel, good, good])
    expect([two.kinds, two.state.settled, minuteOf(two.state.since)]).toEqual([
      ['opened', 'recovered'],
      'up',
      1,
    ])
  })

  test('blind checks and unknown causes count neither for nor against the home', () => {
    const { marks, kinds, state } = watch([good, ...times(20, blind), ...times(20, nameless)])
    expect([kinds, state.settled]).toEqual([[], 'up'])
    expect(marks.slice(1)).toEqual(Array(40).fill('unseen'))
    expect(watch([tunnel, blind, good, blind, good]).kinds).toEqual(['opened', 'recovered'])
  })

  test('a failure half an hour later does not confirm an earlier one', () => {
    expect(watch([good, silent, ...times(29, null), silent]).kinds).toEqual([])
    expect(watch([good, silent, null, silent]).kinds).toEqual(['opened'])
  })

  test('after three minutes without a tick the state is unknown', () => {
    const { state } = watch([good, good])
    const at = state.at ?? 0
    expect(phaseAt(state, at + 3 * MINUTE_MS)).toBe('up')
    expect(phaseAt(state, at + 3 * MINUTE_MS + 1)).toBe('unknown')
    expect(phaseAt(NEW_STATE, AT)).toBe('unknown')
  })

  test('after three minutes of blind checks the state is unknown', () => {
    const { state } = watch([good, ...times(5, blind)])
    expect([state.settled, phaseAt(state, state.at ?? 0)]).toEqual(['up', 'unknown'])
    expect(phaseAt(watch([good, ...times(2, blind)]).state, AT + 2 * MINUTE_MS)).toBe('up')
  })

  test('a clock that is set back is followed', () => {
    const { state } = watch([good, good])
    const earlier = probeOf(AT - 24 * 60 * MINUTE_MS, good)
    expect(step(state, earlier).state.at).toBe(earlier.at)
  })
})

const minuteOf = (ms: number | undefined) => ((ms ?? NaN) - AT) / MINUTE_MS

describe('incidents', () => {
  test('an incident stays one while its cause changes, and a cause seen once is no change', () => {
    const { events } = watch([tunnel, refused, tunnel, refused, refused, ...times(5, tunnel)])
    expect(events.map(({ kind, cause, tell }) => [kind, cause, tell])).toEqual([
      ['opened', 'tunnel_down', 'loud'],
      ['changed', 'connection_failed', 'quiet'],
      ['changed', 'tunnel_down', 'quiet'],
    ])
    expect(new Set(events.map(({ incident }) => incident))).toEqual(new Set([1]))
  })

  test('the root of an incident is the lowest rung that failed', () => {
    const { state } = watch([tunnel, silent, silent])
    expect(state.incident).toMatchObject({ rung: 'tunnel', cause: 'timed_out' })
    const lowest = watch([...times(2, silent), tunnel, tunnel]).state
    expect(lowest.incident).toMatchObject({ rung: 'tunnel', cause: 'tunnel_down' })
  })

  test('an outage within 15 minutes reopens the incident, and a later one is new', () => {
    expect(watch([tunnel, good, good, good, tunnel]).kinds).toEqual([
      'opened',
      'recovered',
      'recurred',
    ])
    const later = watch([tunnel, ...times(20, good), tunnel])
    expect(later.kinds).toEqual(['opened', 'recovered', 'closed', 'opened'])
    expect(later.state.incident?.number).toBe(2)
  })

  test('flapping is reported once, and recovery needs longer each time', () => {
    const flap: Seen[] = [tunnel, tunnel, good, good, good]
    const { kinds, state } = watch([good, ...flap, ...flap, ...flap])
    expect(kinds).toEqual(['opened', 'recovered', 'recurred', 'recovered', 'recurred', 'flapping'])
    expect(state.settled).toBe('down')
    expect(watch(times(4, good), state).kinds).toEqual(['recovered'])
  })

  test('a home that flaps for a day sends at most a few alerts an hour', () => {
    const { events } = watch(
      Array.from({ length: 240 }, () => [tunnel, tunnel, tunnel, good, good, good]).flat(),
    )
    expect(events.filter(({ tell }) => tell === 'loud').length).toBeLessThan(48)
  })
})

describe('degraded homes', () => {
  test('three slow minutes of five degrade a home, and four good ones end it', () => {
    const { kinds, marks } = watch([...times(5, good), slow, good, slow, slow, ...times(4, good)])
    expect(kinds).toEqual(['opened', 'recovered'])
    expect(marks.slice(5)).toEqual([
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
    const { events } = watch([...times(3, slow), tunnel])
    expect(events.map(({ kind, level, tell }) => [kind, level, tell])).toEqual([
      ['opened', 'degraded', 'quiet'],
      ['worsened', 'down', 'loud'],
    ])
  })

  test('one slow minute changes nothing', () => {
    expect(watch([good, slow, good, good, slow, good]).kinds).toEqual([])
  })
})

const run = (reason: ReasonName | null, at: number): RunEvidence => ({
  at,
  trouble: reason === null ? null : troubleOfRun(verdictOf(reason).cause, reason),
})

describe('maintenance', () => {
  const planned = (verdicts: Verdict[]) => ({ verdicts, isMaintenance: true })

  test('maintenance is recorded as maintenance whatever the checks find', () => {
    const { kinds, marks } = watch([
      good,
      planned(tunnel),
      planned(tunnel),
      planned(good),
      planned(good),
      good,
    ])
    expect(kinds).toEqual(['opened', 'recovered'])
    expect(marks).toEqual(['up', ...times(4, null).map(() => 'maintenance'), 'up'])
  })

  test('a failure confirmed after maintenance does not turn maintenance into downtime', () => {
    const { kinds, marks } = watch([good, silent, good, planned(silent), silent])
    expect([kinds, marks]).toEqual([['opened'], ['up', 'blip', 'up', 'maintenance', 'down']])
    expect(watch([silent, planned(silent)]).marks).toEqual(['down', 'maintenance'])
  })

  test('failures during maintenance do not raise the confirmations', () => {
    const { state } = watch([good, planned(silent), planned(silent.slice(0, 1).concat(good))])
    expect(watch([good, silent, silent], state).kinds).toEqual(['opened'])
  })

  test('maintenance leaves no cause and no response time behind', () => {
    const at = AT + MINUTE_MS
    const [slot] = step(NEW_STATE, probeOf(at, good, [], at, true)).slots
    expect(slot).toEqual({ at, mark: 'maintenance', trouble: null, ms: null })
    const poor = watch([...times(3, slow)]).state
    expect(step(poor, probeOf(AT + 3 * MINUTE_MS, slow, [], AT, true)).slots).toMatchObject([
      { trouble: null, ms: null },
    ])
  })
})

describe('a home that is no longer watched', () => {
  test('leaving a home ends its incident at the last observed minute, as left and not as recovered', () => {
    const { state, incident, events } = leaveHome(watch([good, tunnel, tunnel]).state)
    expect(events).toMatchObject([
      { kind: 'left', tell: 'loud', cause: 'tunnel_down', level: 'down' },
    ])
    expect(
      [incident?.endedAt, state.incident, state.settled].map((one) =>
        typeof one === 'number' ? minuteOf(one) : one,
      ),
    ).toEqual([2, null, 'unknown'])
  })

  test('returning to a home that still fails opens another incident', () => {
    const { state } = leaveHome(watch([tunnel]).state)
    const { events } = watch([tunnel], state)
    expect(events).toMatchObject([{ kind: 'opened', incident: 2 }])
  })

  test('leaving a home without an incident reports nothing', () => {
    for (const minutes of [[good], [tunnel, good, good]])
      expect(leaveHome(watch(minutes).state).events).toEqual([])
  })
})

describe('real runs', () => {
  test('after a run that failed because of the home, one failed check is enough', () => {
    expect(watch([good, { verdicts: silent, runs: [run('no_answer', AT)] }]).kinds).toEqual([
      'opened',
    ])
    expect(watch([good, { verdicts: good, runs: [run('no_answer', AT)] }]).kinds).toEqual([])
  })

  test('a run that worked overrides a failed check', () => {
    const { marks } = watch([good, { verdicts: silent, runs: [run(null, AT + 2 * MINUTE_MS)] }])
    expect(marks).toEqual(['up', 'up'])
    expect(watch([good, { verdicts: silent, runs: [run(null, AT - 1)] }]).marks).toEqual([
      'up',
      'blip',
    ])
  })

  test('two runs in a row without text degrade a home with passing checks, until one works', () => {
    const hangs = (...reasons: (ReasonName | null)[]) => ({
      verdicts: good,
      runs: reasons.map((one) => run(one, AT)),
    })
    expect(watch([good, hangs('generation_hangs'), good]).kinds).toEqual([])
    expect(watch([good, hangs('generation_hangs', 'generation_hangs')]).events).toMatchObject([
      { kind: 'opened', level: 'degraded', rung: 'generate' },
    ])
    const { kinds } = watch([
      hangs('generation_hangs'),
      hangs('generation_hangs'),
      hangs(null),
      ...times(3, good),
    ])
    expect(kinds).toEqual(['opened', 'recovered'])
    expect(watch([hangs('generation_hangs', null, 'generation_hangs')]).kinds).toEqual([])
  })

  test('failed runs count against an idle home for one hour only', () => {
    const hangs = {
      verdicts: good,
      runs: [run('generation_hangs', AT), run('generation_hangs', AT)],
    }
    expect(watch([hangs, ...times(59, good)]).state.settled).toBe('degraded')
    expect(watch([hangs, ...times(64, good)]).state.settled).toBe('up')
  })

  test('a run of a missing model says nothing about the home', () => {
    expect(troubleOfRun('model_missing', 'model_not_installed')).toBe(null)
    expect(troubleOfRun('ollama_busy', 'queue_full')).toBe(null)
  })
})

/** Minutes as a hostile clock would deliver them: any outcome, any gap, doubled, late and out of order. */
const ticks = fc.array(
  fc.record({
    skip: fc.integer({ min: -3, max: 20 }),
    seen: fc.constantFrom(good, slow, silent, tunnel, refused, blind, nameless),
  }),
  { maxLength: 120 },
)

function play(list: readonly { skip: number; seen: Verdict[] }[]) {
  let state = NEW_STATE
  let at = AT
  const taken = new Map<number, Slot['mark']>()
  const events: IncidentEvent[] = []
  const offered = new Set<number>()
  for (const { skip, seen } of list) {
    at += skip * MINUTE_MS
    offered.add(at)
    const outcome = step(state, probeOf(at, seen))
    ;({ state } = outcome)
    events.push(...outcome.events)
    for (const slot of outcome.slots) taken.set(slot.at, slot.mark)
  }
  return { state, events, taken, offered }
}

describe('any sequence of ticks', () => {
  test('a minute without a tick is never recorded', () => {
    fc.assert(
      fc.property(ticks, (list) => {
        const { taken, offered } = play(list)
        expect([...taken.keys()].filter((at) => !offered.has(at))).toEqual([])
      }),
    )
  })

  test('every incident opens once, closes at most once, and numbers its events without gaps', () => {
    fc.assert(
      fc.property(ticks, (list) => {
        const byIncident = Map.groupBy(play(list).events, ({ incident }) => incident)
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
        let lasting = 0
        for (const { kind } of play(list).events) {
          if (kind === 'opened' || kind === 'recurred') lasting++
          if (kind === 'recovered') lasting--
          expect(lasting).toBeOneOf([0, 1])
        }
      }),
    )
  })

  test('a repeated tick changes nothing, whatever it reports', () => {
    fc.assert(
      fc.property(ticks, fc.constantFrom(good, silent, tunnel, blind), (list, other) => {
        const { state } = play(list)
        if (state.at === null) return
        for (const at of [state.at, state.at - MINUTE_MS, state.at - 9 * MINUTE_MS])
          expect(step(state, probeOf(at, other))).toEqual({
            state,
            slots: [],
            events: [],
            isNews: false,
          })
      }),
    )
  })

  test('no outage is reported that was not seen twice or by a certain cause', () => {
    fc.assert(
      fc.property(ticks, (list) => {
        const withoutSure = list.filter(({ seen }) => seen !== tunnel && seen !== slow)
        const alternating = withoutSure.flatMap((one) => [one, { skip: 1, seen: good }])
        expect(
          play(alternating.map(({ skip, seen }) => ({ skip: Math.max(1, skip), seen }))).events,
        ).toEqual([])
      }),
    )
  })
})
