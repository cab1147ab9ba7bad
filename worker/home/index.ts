import { DurableObject } from 'cloudflare:workers'
import type { Verdict } from '../../src/lib/diagnosis/index.ts'
import { readConfig } from '../config.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import type { Env } from '../env.ts'
import type { CheckRequest, KeptVerdict, OnFindings } from '../ports.ts'
import { migrate } from './schema.ts'
import { verdictsOf } from './verdicts.ts'

/** A verdict this young is told again without asking the home. ms. */
const FRESH_MS = 15_000

/** The one object that knows the home: it probes, and keeps what must outlive a request. */
export class Home extends DurableObject<Env> {
  readonly #config
  readonly #verdicts
  #running: Promise<KeptVerdict> | null = null
  /** Checks are counted as they begin; the newest that has ended is kept. */
  #begun = 0
  #newest = 0

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#config = readConfig(env)
    migrate(ctx.storage.sql)
    this.#verdicts = verdictsOf(ctx.storage.sql, env.OLLAMA_URL?.trim() ?? '')
  }

  /** The state of the home. Checks at once that are not `fresh` share one probe; `fresh` uses no older evidence. */
  async check(request: CheckRequest, onFindings?: OnFindings): Promise<KeptVerdict> {
    if (request.model || request.deep) return this.#checkApart(request, onFindings)
    if (request.fresh) return this.#checkNow(onFindings)
    const latest = this.#verdicts.latest()
    const notBefore = Math.max(Date.now() - FRESH_MS, this.#config.startedAt)
    if (latest && latest.checkedAt >= notBefore) return latest
    this.#running ??= this.#checkNow().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #checkNow(onFindings?: OnFindings): Promise<KeptVerdict> {
    const nth = ++this.#begun
    const verdict = await diagnose(this.#config, {}, onFindings)
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
    const latest = this.#verdicts.latest()
    const checkedAt = Date.now()
    const isSame = latest?.verdict.cause === verdict.cause
    return { verdict, checkedAt, since: isSame ? latest.since : checkedAt, lastSeen: latest?.lastSeen ?? null }
  }
}
