import type { History, IncidentList, Resolution, Watch } from '../../src/lib/contract/history.ts'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import type { Alert } from '../../src/lib/contract/alerts.ts'
import { alertsOf } from './alert-events.ts'
import { pausesFor } from './flap-damping.ts'
import type { IncidentEvent } from './incident.ts'
import type { Probe } from './observation.ts'
import { BLIND_AFTER_MS, phaseAt, type MonitorState } from './state.ts'
import { hasTaken, leaveHome, step } from './reducer.ts'
import { HistoryStore } from './history.ts'
import { IncidentStore, type IncidentQuery } from './incidents.ts'
import type { Meter } from './meter.ts'
import { MonitoredHomes } from './monitored-homes.ts'
import { iso } from '../time.ts'

/** So long after a home was last seen, that it is left is news. ms. */
const NEWS_MS = 60 * 60_000

/** What the free plan allows in a day. */
const ALLOWED = { rowsAllowed: 100_000, callsAllowed: 100_000 } as const

interface Place {
  origin: string
  isDemo: boolean
}

/** Watches one home: takes in a minute at a time, and tells what it has seen. */
export class Monitor {
  readonly #sql: SqlStorage
  readonly #storage: Pick<DurableObjectStorage, 'transactionSync'>
  readonly #meter: Meter
  readonly #homes: MonitoredHomes
  readonly #history: HistoryStore
  readonly #incidents: IncidentStore
  #state: MonitorState

  constructor(
    storage: Pick<DurableObjectStorage, 'transactionSync'>,
    sql: SqlStorage,
    place: Place,
    meter: Meter,
  ) {
    this.#storage = storage
    this.#sql = sql
    this.#meter = meter
    this.#homes = new MonitoredHomes(sql, place.origin, place.isDemo)
    if (this.#homes.meter) meter.goOn(this.#homes.meter)
    this.#history = new HistoryStore(sql, this.#homes.id)
    this.#incidents = new IncidentStore(sql, this.#homes.id)
    this.#state = this.#homes.state
  }

  /** After each of these a check that failed is made again, ms. None while it is known to be down: that is no news. */
  get pauses(): readonly number[] {
    const { settled, doubts, suspected } = this.#state
    return settled === 'down' ? [] : pausesFor(doubts, suspected)
  }

  hasTaken(at: number): boolean {
    return hasTaken(this.#state, at)
  }

  /**
   * One minute, in one transaction: all of it is kept, or none. `verdict`: what its last check has found. `tell` writes down
   * what the owner is to hear of.
   */
  take(
    probe: Probe,
    verdict: Verdict | undefined,
    tell: (alert: Alert) => void = () => undefined,
  ): IncidentEvent[] {
    const { state, slots, events, isNews } = step(this.#state, probe)
    if (slots.length === 0) return []
    this.#storage.transactionSync(() => {
      this.#history.record(slots, probe.at)
      // An incident that closes in this minute has nothing more to write but its last event.
      this.#incidents.record(state.incident, events)
      if (isNews && verdict) this.#incidents.saveFailure(state.news.count, probe.at, verdict)
      this.#homes.save(state, probe.at, this.#meter.today())
      for (const alert of alertsOf(this.#homes.id, events, state.incident?.startedAt ?? probe.at))
        tell(alert)
    })
    this.#state = state
    return events
  }

  /** What lasted at another address when this one took its place is ended there, and told as what it is. */
  leaveOthers(now: number, tell: (alert: Alert) => void) {
    for (const { id, state: before } of this.#homes.others()) {
      const { state, incident, events } = leaveHome(before)
      if (incident === null || events.length === 0) continue
      this.#storage.transactionSync(() => {
        new IncidentStore(this.#sql, id).record(incident, events)
        this.#homes.saveOther(id, state)
        // What was left long ago is written down, and news to nobody.
        if (now - (before.at ?? 0) > NEWS_MS) return
        for (const alert of alertsOf(id, events, incident.startedAt)) tell(alert)
      })
    }
  }

  history(res: Resolution, from: number, to: number): History {
    return this.#history.read(res, from, to)
  }

  incidents(query: IncidentQuery): IncidentList {
    return this.#incidents.list(query)
  }

  failures(): string {
    return this.#incidents.failures()
  }

  watch(now: number): Omit<Watch, 'maintenance'> {
    const { at, settled, since, incident } = this.#state
    const isLasting = incident !== null && incident.endedAt === null
    return {
      phase: phaseAt(this.#state, now),
      since: settled === 'unknown' ? null : iso(since),
      checkedAt: at === null ? null : iso(at),
      staleAfterMs: BLIND_AFTER_MS,
      late: at === null || now - at > BLIND_AFTER_MS,
      flapping: isLasting && incident.isFlapping,
      incident: isLasting ? this.#incidents.find(incident.number) : null,
      today: { ...this.#meter.today(), ...ALLOWED },
    }
  }
}
