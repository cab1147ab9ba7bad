import { RpcTarget } from 'cloudflare:workers'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { Started } from '../../src/lib/contract/runs.ts'
import type {
  GuestRequest,
  NewShare,
  ShareChange,
  ShareInfo,
} from '../../src/lib/contract/shares.ts'
import { GuestSessions } from '../auth/guest-sessions.ts'
import { FixedWindowLimiter } from '../auth/rate-limiter.ts'
import type { Config } from '../config.ts'
import { HttpProblem } from '../http/problem.ts'
import { refuseCloudModel } from '../models/cloud.ts'
import type { Implements } from '../ports.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { GuestEnd, Runs } from '../runs/runs.ts'
import { guestRecipe } from './guest-recipe.ts'
import { GuestRuns } from './guest-runs.ts'
import type { NewShareId, OpenAttempt, OpenResult, SharesPort } from './port.ts'
import { ShareRepository } from './repository.ts'
import { sharedRunOf } from './shared-run.ts'

/** A row of the database holds 2 MB. */
const MAX_CHARS = 1_500_000

/** Attempts per minute: with a wrong secret, per link and per network; with the right one, per link and network together. */
const MAX_ATTEMPTS = { wrong: 20, right: 30 } as const

interface GuestStart {
  share: string
  /** The hash of the guest session. */
  session: string
  idempotencyKey: string
}

/** Shares, and the runs that guests start with them. */
export class ShareService extends RpcTarget implements Implements<SharesPort> {
  readonly #config: Config
  readonly #store: RunStore
  readonly #runs: () => Runs
  readonly #shares: ShareRepository
  readonly #guestRuns: GuestRuns
  readonly #guestSessions: GuestSessions
  readonly #attempts = new FixedWindowLimiter()

  constructor(sql: SqlStorage, config: Config, store: RunStore, runs: () => Runs) {
    super()
    this.#config = config
    this.#store = store
    this.#runs = runs
    this.#shares = new ShareRepository(sql)
    this.#guestRuns = new GuestRuns(sql)
    this.#guestSessions = new GuestSessions(sql)
  }

  create(
    { id, hash }: NewShareId,
    request: NewShare,
  ): 'created' | 'unknown' | 'unfinished' | 'too_large' {
    const found = request.runs.map((run) => this.#store.find(run)).filter((run) => run !== null)
    if (found.length < request.runs.length) return 'unknown'
    if (found.some(({ endedAt }) => endedAt === null)) return 'unfinished'
    const runs = found.map((run) => sharedRunOf(run, request.show))
    const templates = found.map(({ recipe }) => recipe)
    if (JSON.stringify([runs, request.pass ? templates : []]).length > MAX_CHARS) return 'too_large'
    const label = found[0]?.title ?? ''
    this.#shares.add({ id, hash, label, runs, templates }, request, Date.now())
    return 'created'
  }

  list(): ShareInfo[] {
    return this.#shares.list((id) =>
      this.#guestRuns.of(id).filter((run) => this.#runs().isLive(run)),
    )
  }

  change(id: string, change: ShareChange) {
    return this.#shares.change(id, change, Date.now())
  }

  /** Stops and deletes the runs of its guests, too. */
  revoke(id: string): boolean {
    if (!this.#shares.revoke(id, Date.now())) return false
    for (const run of this.#guestRuns.of(id)) this.#runs().remove(run)
    return true
  }

  /** Wrong and right secrets have separate limits, so a stranger who guesses cannot lock out a guest. */
  open({ id, hash, session, network }: OpenAttempt): OpenResult {
    const now = Date.now()
    const isOver = (max: number, ...names: string[]) => this.#attempts.isOver(max, names, now)
    if (!this.#shares.matches(id, hash))
      return isOver(MAX_ATTEMPTS.wrong, `at ${id}`, `from ${network}`) ? 'too_often' : 'wrong'
    if (isOver(MAX_ATTEMPTS.right, `in ${id} from ${network}`)) return 'too_often'
    const view = this.#shares.open(id, now)
    if (typeof view === 'string') return view
    this.#guestSessions.add(session, id, now)
    return { view: JSON.stringify(this.#config.allowsGuests ? view : { ...view, pass: null }) }
  }

  title(id: string): string {
    return this.#shares.title(id, Date.now())
  }

  runsLeft(id: string): number {
    return this.#config.allowsGuests ? this.#shares.runsLeft(id) : 0
  }

  async start(
    share: string,
    session: string,
    request: GuestRequest,
    idempotencyKey: string,
  ): Promise<Started | { problem: Problem }> {
    try {
      const allowed = this.#config.allowsGuests ? this.#shares.passFor(share, request.run) : null
      if (!allowed)
        throw new HttpProblem(
          'forbidden',
          'This link is for reading only. It does not run anything.',
        )
      const recipe = guestRecipe(allowed.recipe, allowed.pass, request)
      // Another guest who sends the same key must not receive this guest’s run.
      const start = { share, session, idempotencyKey: `${session} ${idempotencyKey}` }
      // Checked first, because the next step may send a request to the home.
      if (this.#shares.runsLeft(share) === 0 && this.#startedBefore(start) === null) throw usedUp()
      await refuseCloudModel(this.#config, recipe.model)
      return this.#start(start, recipe)
    } catch (error) {
      if (error instanceof HttpProblem) return { problem: error.problem }
      throw error
    }
  }

  /** Awaits nothing, so no other call can interfere. A guest who is turned away causes no write. */
  #start(start: GuestStart, recipe: Recipe): Started {
    const before = this.#startedBefore(start)
    if (before) return before
    if (this.#runs().isFull('guest')) throw queueFull()
    const { share, session, idempotencyKey } = start
    if (!this.#guestRuns.consume(share, Date.now())) throw usedUp()
    const started = this.#runs().start(recipe, { lane: 'guest', id: share, ticket: session })
    if (!started) throw queueFull()
    this.#guestRuns.record(share, idempotencyKey, started.id)
    return started
  }

  #startedBefore({ share, idempotencyKey }: GuestStart): Started | null {
    const id = this.#guestRuns.startedWith(share, idempotencyKey)
    return id === null ? null : { id, state: this.#store.stateOf(id) ?? 'interrupted', place: 0 }
  }

  /** Refunds runs that ended through no fault of the guest: the owner interrupted, or the home failed before the first word. */
  guestRunEnded({ id, how, hasBegun }: GuestEnd) {
    if (how === 'interrupted' || (how === 'failed' && !hasBegun)) this.#guestRuns.refund(id)
  }
}

const queueFull = () =>
  new HttpProblem(
    'limit',
    'Too many runs are waiting at this home already. Nothing was used up; try again in a minute.',
  )

const usedUp = () =>
  new HttpProblem('limit', 'No runs are left on this link. Ask its owner for more.')
