import { RpcTarget } from 'cloudflare:workers'
import type {
  GuestRequest,
  NewShare,
  ShareChange,
  ShareInfo,
} from '../../src/lib/contract/shares.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Started } from '../../src/lib/contract/runs.ts'
import { guestRecipe } from './guest-recipe.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Config } from '../config.ts'
import { refuseCloudModel } from '../models/cloud.ts'
import type { OpenAttempt, NewShareId, SharesPort } from './port.ts'
import type { Implements } from '../ports.ts'
import { FixedWindowLimiter } from '../auth/rate-limiter.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { GuestEnd, Runs } from '../runs/runs.ts'
import { sharesOf } from './repository.ts'
import { snapshotOf } from './shared-run.ts'

/** Characters. A row of the database holds 2 MB. */
const MOST_CHARS = 1_500_000

/** In a minute: wrong secrets that are looked at, at one link or from one network, and right ones at a link from a network. */
const MOST_KNOCKS = { wrong: 20, right: 30 } as const

/** Shares, and what their guests do at the home. */
export class ShareService extends RpcTarget implements Implements<SharesPort> {
  readonly #config: Config
  readonly #store: RunStore
  readonly #runs: () => Runs
  readonly #shares
  readonly #knocks = new FixedWindowLimiter()

  constructor(sql: SqlStorage, config: Config, store: RunStore, runs: () => Runs) {
    super()
    this.#config = config
    this.#store = store
    this.#runs = runs
    this.#shares = sharesOf(sql)
  }

  create(
    { id, hash }: NewShareId,
    asked: NewShare,
  ): 'created' | 'unknown' | 'unfinished' | 'too_large' {
    const runs = asked.runs.map((run) => this.#store.find(run))
    const found = runs.filter((run) => run !== null)
    if (found.length < runs.length) return 'unknown'
    if (found.some(({ endedAt }) => endedAt === null)) return 'unfinished'
    const shown = found.map((run) => snapshotOf(run, asked.show))
    const templates = found.map(({ recipe }) => recipe)
    if (JSON.stringify([shown, asked.pass ? templates : []]).length > MOST_CHARS) return 'too_large'
    this.#shares.add(
      { id, hash, label: found[0]?.title ?? '', runs: shown, templates },
      asked,
      Date.now(),
    )
    return 'created'
  }

  list(): ShareInfo[] {
    return this.#shares.list((id) =>
      this.#shares.runsOf(id).filter((run) => this.#runs().isLive(run)),
    )
  }

  change(id: string, change: ShareChange) {
    return this.#shares.change(id, change, Date.now())
  }

  /** Ends what its guests run, and forgets what they ran. */
  revoke(id: string): boolean {
    if (!this.#shares.revoke(id, Date.now())) return false
    for (const run of this.#shares.runsOf(id)) this.#runs().remove(run)
    return true
  }

  /** Nobody who guesses keeps out whoever has the right secret; who has it does not open it without end, either. */
  open({
    id,
    hash,
    ticket,
    source,
  }: OpenAttempt): { view: string } | 'wrong' | 'too_often' | 'expired' | 'revoked' {
    const now = Date.now()
    if (!this.#shares.fits(id, hash))
      return this.#knocks.isOver(MOST_KNOCKS.wrong, [`at ${id}`, `from ${source}`], now)
        ? 'too_often'
        : 'wrong'
    if (this.#knocks.isOver(MOST_KNOCKS.right, [`in ${id} from ${source}`], now)) return 'too_often'
    const view = this.#shares.open(id, now)
    if (typeof view === 'string') return view
    this.#shares.admit(id, ticket, now)
    return { view: JSON.stringify(this.#config.allowsGuests ? view : { ...view, pass: null }) }
  }

  title(id: string): string {
    return this.#shares.title(id, Date.now())
  }

  runsLeft(id: string): number {
    return this.#config.allowsGuests ? this.#shares.runsLeft(id) : 0
  }

  async start(
    id: string,
    ticket: string,
    request: GuestRequest,
    click: string,
  ): Promise<Started | { problem: Problem }> {
    try {
      const allowed = this.#config.allowsGuests ? this.#shares.pass(id, request.run) : null
      if (!allowed)
        throw new HttpProblem(
          'forbidden',
          'This link is for reading only. It does not run anything.',
        )
      const recipe = guestRecipe(allowed.recipe, allowed.pass, request)
      // That may ask the home: a link that is used up asks it nothing.
      if (
        this.#shares.runsLeft(id) === 0 &&
        this.#shares.clicked(id, ownClick(ticket, click)) === null
      )
        refuseUsedUp()
      await refuseCloudModel(this.#config, recipe.model)
      return this.#begin(id, ticket, recipe, click)
    } catch (error) {
      if (error instanceof HttpProblem) return { problem: error.problem }
      throw error
    }
  }

  /** Nothing is awaited here, so no other call comes in between. */
  #begin(
    id: string,
    ticket: string,
    recipe: ReturnType<typeof guestRecipe>,
    click: string,
  ): Started {
    const own = ownClick(ticket, click)
    const known = this.#shares.clicked(id, own)
    if (known !== null)
      return { id: known, state: this.#store.stateOf(known) ?? 'interrupted', place: 0 }
    const full = new HttpProblem(
      'limit',
      'Too many runs are waiting at this home already. Nothing was used up; try again in a minute.',
    )
    // Whoever is sent away has nothing written down.
    if (this.#runs().isFull('guest')) throw full
    if (!this.#shares.take(id, Date.now())) refuseUsedUp()
    const started = this.#runs().start(recipe, { lane: 'guest', id, ticket })
    if (!started) throw full
    this.#shares.book(id, own, started.id)
    return started
  }

  /** What ended through no fault of the guest is not counted: the owner came, or the home failed before the first word. */
  settle({ id, how, hasBegun }: GuestEnd) {
    if (how === 'interrupted' || (how === 'failed' && !hasBegun)) this.#shares.refund(id)
  }
}

/** A click belongs to whoever clicked: nobody gets another guest's run by its key. */
const ownClick = (ticket: string, click: string) => `${ticket} ${click}`

function refuseUsedUp(): never {
  throw new HttpProblem('limit', 'No runs are left on this link. Ask its owner for more.')
}
