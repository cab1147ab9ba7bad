import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Alerts } from '../alerts/alerts.ts'
import type { Checks, NumberedCheck } from '../diagnosis/checks.ts'
import { MINUTE_MS } from '../time.ts'
import { after } from '../timers.ts'
import type { Monitor } from './monitor.ts'
import { observationOf, resultOf, troubleOfRun, type RunEvidence } from './observation.ts'

/** Runs that are remembered until the next tick. */
const MAX_RUNS = 50

/** Checks the home once a minute, records the result and sends alerts. */
export class MonitorLoop {
  readonly #checks: Checks
  readonly #monitor: Monitor
  readonly #alerts: Alerts
  #runs: RunEvidence[] = []
  #lastTick: Promise<void> = Promise.resolve()

  constructor(checks: Checks, monitor: Monitor, alerts: Alerts) {
    this.#checks = checks
    this.#monitor = monitor
    this.#alerts = alerts
  }

  /** Processes one minute, only once. A late tick counts for the minute before its arrival. */
  tick(scheduledMs: number): Promise<void> {
    const tick = this.#lastTick.then(() => this.#observe(scheduledMs))
    this.#lastTick = tick.catch(() => undefined)
    return tick
  }

  /** Adds the result of a run, unless it says nothing about the home. `null`: it worked. */
  addRun(problem: Problem | null) {
    const { cause, reason } = problem ?? {}
    const trouble = cause && reason ? troubleOfRun(cause, reason) : null
    if (problem !== null && trouble === null) return
    this.#runs = [...this.#runs, { at: Date.now(), trouble }].slice(-MAX_RUNS)
  }

  async #observe(scheduledMs: number) {
    const startedAt = Date.now()
    const scheduled = Math.max(scheduledMs, startedAt - MINUTE_MS)
    const at = scheduled - (scheduled % MINUTE_MS)
    if (this.#monitor.isProcessed(at)) return
    const first = await this.#checks.look()
    const checks = [first, ...(resultOf(first.verdict) === 'fail' ? await this.#retry() : [])]
    const last = checks.at(-1) ?? first
    // No `await` until the alerts are sent, so that all of it is written at once.
    this.#checks.keep(last)
    const observation = observationOf({
      at,
      verdicts: checks.map(({ verdict }) => verdict),
      runs: this.#runs.splice(0),
      startedAt,
      isMaintenance: this.#alerts.isInMaintenance(at),
    })
    this.#monitor.record(observation, last.verdict, (alert) => this.#alerts.enqueue(alert))
    await Promise.all([
      this.#alerts.sendDue(Math.max(Date.now(), at)),
      this.#alerts.pingDeadMansSwitch(),
    ])
  }

  /** Repeats a failed check until it passes or the retries are used up. */
  async #retry(): Promise<NumberedCheck[]> {
    const checks: NumberedCheck[] = []
    for (const ms of this.#monitor.retryDelaysMs) {
      await new Promise<void>((resume) => after(ms, resume))
      const check = await this.#checks.look()
      checks.push(check)
      if (resultOf(check.verdict) !== 'fail') break
    }
    return checks
  }
}
