import type { Alert } from '../../src/lib/contract/alerts.ts'
import type { History, IncidentList, Resolution, Watch } from '../../src/lib/contract/history.ts'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import { HOUR_MS, iso } from '../time.ts'
import { alertsOf } from './alert-events.ts'
import { retryDelaysMs } from './flap-damping.ts'
import { HistoryStore } from './history.ts'
import type { IncidentEvent } from './incident.ts'
import { IncidentStore, type IncidentQuery } from './incidents.ts'
import type { Meter } from './meter.ts'
import { MonitoredHomes } from './monitored-homes.ts'
import type { Observation } from './observation.ts'
import { abandonHome, isProcessed, reduce } from './reducer.ts'
import { phaseAt, STALE_AFTER_MS, type MonitorState } from './state.ts'

/** If the last observation is older, the owner is not notified that a home is no longer monitored. */
const NEWS_MS = HOUR_MS

/** The free plan's daily allowance. */
const ALLOWANCE = { rowsAllowed: 100_000, callsAllowed: 100_000 } as const

interface MonitoredAddress {
  origin: string
  isDemo: boolean
}

/** Observes one home: processes one minute at a time and answers questions about its history. */
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
    { origin, isDemo }: MonitoredAddress,
    meter: Meter,
  ) {
    this.#storage = storage
    this.#sql = sql
    this.#meter = meter
    this.#homes = new MonitoredHomes(sql, origin, isDemo)
    if (this.#homes.meter) meter.restore(this.#homes.meter)
    this.#history = new HistoryStore(sql, this.#homes.id)
    this.#incidents = new IncidentStore(sql, this.#homes.id)
    this.#state = this.#homes.state
  }

  /** A home that is known to be down is checked once: a failure is no news. */
  get retryDelaysMs(): readonly number[] {
    const { home, falseAlarms, suspected } = this.#state
    return home === 'down' ? [] : retryDelaysMs(falseAlarms, suspected)
  }

  isProcessed(at: number): boolean {
    return isProcessed(this.#state, at)
  }

  /** Records one minute in one transaction. `verdict` is the minute's last, `notify` stores an alert for the owner. */
  record(
    observation: Observation,
    verdict: Verdict | undefined,
    notify: (alert: Alert) => void = () => undefined,
  ): IncidentEvent[] {
    const { at } = observation
    const { state, slots, events, isNewFailure } = reduce(this.#state, observation)
    if (slots.length === 0) return []
    this.#storage.transactionSync(() => {
      this.#history.record(slots, at)
      this.#incidents.record(state.incident, events)
      if (isNewFailure && verdict)
        this.#incidents.saveFailure(state.savedFailure.count, at, verdict)
      this.#homes.save(state, at, this.#meter.today())
      alertsOf(this.#homes.id, events, state.incident?.startedAt ?? at).forEach(notify)
    })
    this.#state = state
    return events
  }

  /** Ends the incidents of homes at other addresses, which are no longer monitored. */
  abandonOthers(now: number, notify: (alert: Alert) => void) {
    for (const { id, state: before } of this.#homes.others()) {
      const { state, incident, events } = abandonHome(before)
      if (incident === null || events.length === 0) continue
      const isNews = now - (before.at ?? 0) <= NEWS_MS
      this.#storage.transactionSync(() => {
        new IncidentStore(this.#sql, id).record(incident, events)
        this.#homes.saveOther(id, state)
        if (isNews) alertsOf(id, events, incident.startedAt).forEach(notify)
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

  status(now: number): Omit<Watch, 'maintenance'> {
    const { at, home, since, incident } = this.#state
    const isOngoing = incident !== null && incident.endedAt === null
    return {
      phase: phaseAt(this.#state, now),
      since: home === 'unknown' ? null : iso(since),
      checkedAt: at === null ? null : iso(at),
      staleAfterMs: STALE_AFTER_MS,
      late: at === null || now - at > STALE_AFTER_MS,
      flapping: isOngoing && incident.isFlapping,
      incident: isOngoing ? this.#incidents.find(incident.number) : null,
      today: { ...this.#meter.today(), ...ALLOWANCE },
    }
  }
}
