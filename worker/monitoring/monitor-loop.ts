import type { Problem } from '../../src/lib/contract/problem.ts'
import { levelOf, probeOf, troubleOfRun, type RunEvidence } from './observation.ts'
import { MINUTE_MS } from '../time.ts'
import type { Alerts } from '../alerts/alerts.ts'
import type { Checks, NumberedCheck } from '../diagnosis/checks.ts'
import type { Monitor } from './monitor.ts'
import { after } from '../timers.ts'

/** Runs that are remembered from one minute to the next. */
const MOST_EVIDENCE = 50

/** Looks at the home once a minute, and sees to it that its owner hears of it. */
export class MonitorLoop {
  readonly #checks: Checks
  readonly #monitor: Monitor
  readonly #alerts: Alerts
  #evidence: RunEvidence[] = []
  #going: Promise<void> = Promise.resolve()

  constructor(checks: Checks, monitor: Monitor, alerts: Alerts) {
    this.#checks = checks
    this.#monitor = monitor
    this.#alerts = alerts
  }

  /**
   * Looks at the home for one minute (ms since 1970) and keeps what it saw. Called twice for the same minute it looks once;
   * one that comes late counts for the minute before the one in which it came.
   */
  go(scheduledMs: number): Promise<void> {
    const gone = this.#going.then(() => this.#look(scheduledMs))
    this.#going = gone.catch(() => undefined)
    return gone
  }

  /** A run has ended: `null`, it worked. What says nothing of the home is left out. */
  learn(problem: Problem | null) {
    const { cause, reason } = problem ?? {}
    const trouble = cause && reason ? troubleOfRun(cause, reason) : null
    if (problem !== null && trouble === null) return
    this.#evidence = [...this.#evidence, { at: Date.now(), trouble }].slice(-MOST_EVIDENCE)
  }

  async #look(scheduledMs: number) {
    const beganAt = Date.now()
    const scheduled = Math.max(scheduledMs, beganAt - MINUTE_MS)
    const at = scheduled - (scheduled % MINUTE_MS)
    if (this.#monitor.hasTaken(at)) return
    const first = await this.#checks.look()
    const looks = [first, ...(levelOf(first.verdict) === 'bad' ? await this.#lookAgain() : [])]
    const last = looks.at(-1) ?? first
    const verdicts = looks.map(({ verdict }) => verdict)
    // Nothing is awaited from here to the alerts, so all of it is written at once: the last look, and one row of each kind.
    this.#checks.keep(last)
    const probe = probeOf(
      at,
      verdicts,
      this.#evidence.splice(0),
      beganAt,
      this.#alerts.isMaintenance(at),
    )
    this.#monitor.take(probe, last.verdict, (alert) => this.#alerts.tell(alert))
    // What a minute has to tell is due in that minute.
    await Promise.all([this.#alerts.send(Math.max(Date.now(), at)), this.#alerts.pulse()])
  }

  /** Until the home works, or it has failed often enough to be believed. */
  async #lookAgain(): Promise<NumberedCheck[]> {
    const looks: NumberedCheck[] = []
    for (const ms of this.#monitor.pauses) {
      await new Promise<void>((resume) => after(ms, resume))
      const look = await this.#checks.look()
      looks.push(look)
      if (levelOf(look.verdict) !== 'bad') break
    }
    return looks
  }
}
