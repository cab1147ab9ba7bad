import { RpcTarget } from 'cloudflare:workers'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { diagnose } from './diagnose.ts'
import type { Implements } from '../ports.ts'
import type { CheckRequest, DiagnosisPort, KeptVerdict, OnFindings } from './port.ts'
import { verdictsOf } from './verdicts.ts'

/** A verdict younger than this is returned without another check. */
const FRESH_MS = 15_000

/** A check with its number, in the order in which checks start. */
export interface NumberedCheck {
  nth: number
  verdict: Verdict
}

/** Checks the home and stores the verdicts. */
export class Checks extends RpcTarget implements Implements<DiagnosisPort> {
  readonly #config: Config
  readonly #verdicts
  #checking: Promise<KeptVerdict> | null = null
  /** Checks are counted when they start; the verdict of the newest one that has ended is stored. */
  #started = 0
  #newest = 0

  constructor(sql: SqlStorage, config: Config, origin: string) {
    super()
    this.#config = config
    this.#verdicts = verdictsOf(sql, origin)
  }

  /** Concurrent checks share one probe, unless they are `fresh`; `fresh` uses no older evidence. */
  async check(request: CheckRequest, onFindings?: OnFindings): Promise<KeptVerdict> {
    if (request.model || request.deep) return this.#checkSeparately(request, onFindings)
    if (request.fresh) return this.now(onFindings)
    const latest = this.latest()
    const notBefore = Math.max(Date.now() - FRESH_MS, this.#config.startedAt)
    if (latest && latest.checkedAt >= notBefore) return latest
    this.#checking ??= this.now().finally(() => {
      this.#checking = null
    })
    return this.#checking
  }

  /** The stored verdict, however old. */
  latest(): KeptVerdict | null {
    return this.#verdicts.latest()
  }

  async now(onFindings?: OnFindings): Promise<KeptVerdict> {
    return this.keep(await this.look(onFindings))
  }

  /** A check whose verdict is not stored yet. */
  async look(onFindings?: OnFindings): Promise<NumberedCheck> {
    const nth = ++this.#started
    return { nth, verdict: await diagnose(this.#config, {}, onFindings) }
  }

  keep({ nth, verdict }: NumberedCheck): KeptVerdict {
    // A check that hung must not replace the verdict of a later one.
    if (nth < this.#newest) return this.#withStoredTimes(verdict)
    this.#newest = nth
    return this.#verdicts.keep(verdict, Date.now())
  }

  /** A deep check or a check for another model does not describe the home's own state, so it is not stored. */
  async #checkSeparately(request: CheckRequest, onFindings?: OnFindings): Promise<KeptVerdict> {
    return this.#withStoredTimes(await diagnose(this.#config, request, onFindings))
  }

  /** A verdict with the times of the stored one, which it does not replace. */
  #withStoredTimes(verdict: Verdict): KeptVerdict {
    const latest = this.latest()
    const checkedAt = Date.now()
    const isSame = latest?.verdict.cause === verdict.cause
    return {
      verdict,
      checkedAt,
      since: isSame ? latest.since : checkedAt,
      lastSeen: latest?.lastSeen ?? null,
    }
  }
}
