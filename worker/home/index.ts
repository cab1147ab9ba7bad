import { DurableObject } from 'cloudflare:workers'
import { judge, judgeConfiguration, type Address } from '../../src/lib/diagnosis/index.ts'
import { readConfig } from '../config.ts'
import { climb } from '../diagnosis/climb.ts'
import type { Env } from '../env.ts'
import type { CheckRequest, KeptVerdict } from '../ports.ts'
import { migrate } from './schema.ts'
import { verdictsOf } from './verdicts.ts'

/** A verdict this young is told again without asking the home. ms. */
const FRESH_MS = 15_000

/** The one object that knows the home: it probes, and keeps what must outlive a request. */
export class Home extends DurableObject<Env> {
  readonly #config
  readonly #verdicts
  #running: Promise<KeptVerdict> | null = null

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#config = readConfig(env)
    migrate(ctx.storage.sql)
    this.#verdicts = verdictsOf(ctx.storage.sql, 'fault' in this.#config.home ? '' : this.#config.home.origin)
  }

  /** The state of the home. Checks at once that are not `fresh` share one probe; `fresh` uses no older evidence. */
  async check({ fresh = false, model = null }: CheckRequest): Promise<KeptVerdict> {
    const { home, runtime } = this.#config
    if ('fault' in home) return this.#verdicts.keep(judgeConfiguration(home.fault, runtime), Date.now())
    if (model !== null) return this.#checkFor(home, model)
    if (fresh) return this.#climb(home)
    const latest = this.#verdicts.latest()
    if (latest && Date.now() - latest.checkedAt < FRESH_MS) return latest
    this.#running ??= this.#climb(home).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #climb(home: Address): Promise<KeptVerdict> {
    const evidence = await climb(this.#config, home, this.#config.wanted)
    return this.#verdicts.keep(judge(evidence), Date.now())
  }

  /** A question about another model says nothing of the home's own state, so it is not kept. */
  async #checkFor(home: Address, model: string): Promise<KeptVerdict> {
    const verdict = judge(await climb(this.#config, home, [model]))
    const latest = this.#verdicts.latest()
    const checkedAt = Date.now()
    const isSame = latest?.verdict.cause === verdict.cause
    return { verdict, checkedAt, since: isSame ? latest.since : checkedAt, lastSeen: latest?.lastSeen ?? null }
  }
}
