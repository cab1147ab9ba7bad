import { RpcTarget } from 'cloudflare:workers'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { diagnose } from './diagnose.ts'
import type { Implements } from '../ports.ts'
import type { CheckRequest, DiagnosisPort, KeptVerdict, OnFindings } from './port.ts'
import { verdictsOf } from './verdicts.ts'

/** A verdict this young is told again without asking the home. ms. */
const FRESH_MS = 15_000

/** `nth`: in the order in which checks began. */
export interface Look {
  nth: number
  verdict: Verdict
}

/** Asks how the home is, and keeps the answer. */
export class Checks extends RpcTarget implements Implements<DiagnosisPort> {
  readonly #config: Config
  readonly #verdicts
  #checking: Promise<KeptVerdict> | null = null
  /** Checks are counted as they begin; the newest that has ended is kept. */
  #begun = 0
  #newest = 0

  constructor(sql: SqlStorage, config: Config, origin: string) {
    super()
    this.#config = config
    this.#verdicts = verdictsOf(sql, origin)
  }

  /** Checks at once that are not `fresh` share one probe; `fresh` uses no older evidence. */
  async check(request: CheckRequest, onFindings?: OnFindings): Promise<KeptVerdict> {
    if (request.model || request.deep) return this.#checkApart(request, onFindings)
    if (request.fresh) return this.now(onFindings)
    const latest = this.latest()
    const notBefore = Math.max(Date.now() - FRESH_MS, this.#config.startedAt)
    if (latest && latest.checkedAt >= notBefore) return latest
    this.#checking ??= this.now().finally(() => {
      this.#checking = null
    })
    return this.#checking
  }

  /** The verdict that is kept, however old. */
  latest(): KeptVerdict | null {
    return this.#verdicts.latest()
  }

  async now(onFindings?: OnFindings): Promise<KeptVerdict> {
    return this.keep(await this.look(onFindings))
  }

  /** A check whose verdict is not kept yet. */
  async look(onFindings?: OnFindings): Promise<Look> {
    const nth = ++this.#begun
    return { nth, verdict: await diagnose(this.#config, {}, onFindings) }
  }

  keep({ nth, verdict }: Look): KeptVerdict {
    // A check that hung must not replace what one that began later has seen.
    if (nth < this.#newest) return this.#untold(verdict)
    this.#newest = nth
    return this.#verdicts.keep(verdict, Date.now())
  }

  /** A question about another model, or about a token, is another one than the home's own state, so its answer is not kept. */
  async #checkApart(request: CheckRequest, onFindings?: OnFindings): Promise<KeptVerdict> {
    return this.#untold(await diagnose(this.#config, request, onFindings))
  }

  /** A verdict with the times of the kept one, which it does not replace. */
  #untold(verdict: Verdict): KeptVerdict {
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
