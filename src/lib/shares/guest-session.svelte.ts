import { api, ApiError, request, sentenceFor } from '../api.ts'
import { END_NAMES, EVENTS_TYPE, type Receipt, type RunEvent } from '../contract/runs.ts'
import type { EndName } from '../contract/runs.ts'
import { CLICK_HEADER, type GuestRequest, type SharedView } from '../contract/shares.ts'
import { RunPhases } from '../runs/run-phases.svelte.ts'
import { eventsOf, RunStream, startedRun } from '../runs/run-stream.ts'

/** What this tab stores for a reload. The fragment of the address, which holds the secret, is gone by then. */
interface Stored {
  secret: string
  ticket?: string
  run?: string
}

const TICK_MS = 100
const UNAUTHORIZED = 401
/** The API says more about these than that the link does not open. */
const EXPLAINED: readonly number[] = [410, 429]
const SERVER_ERROR = 500
const LINK_DEAD = 'This link no longer opens, so the run has ended.'

const storageKey = (id: string) => `porchlight.share.${id}`

function readStored(id: string): Stored | null {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey(id)) ?? 'null') as Stored | null
  } catch {
    return null
  }
}

/** A guest with a link: what they see, and the run that they start. */
export class GuestSession {
  state = $state<'opening' | 'open' | 'dead' | 'cut_off'>('opening')
  /** Why the link does not open. */
  why = $state('')
  view = $state.raw<SharedView | null>(null)
  runsLeft = $state(0)
  run = $state<'none' | 'running' | EndName>('none')
  readonly phases = new RunPhases()
  text = $state('')
  thinking = $state('')
  receipt = $state.raw<Receipt | null>(null)
  /** Why the run failed. */
  failure = $state('')
  isConnectionLost = $state(false)
  secret = $state('')
  isRunning = $derived(this.run === 'running')

  readonly #id: string
  /** The token of the guest session. It expires; opening the link again renews it. */
  #ticket = ''
  #runId = ''
  #isFollowed = false
  readonly #leave = new AbortController()
  /** Makes a repeated request the same as the first. Belongs to `#requested`. */
  #idempotencyKey = ''
  #requested = ''

  constructor(id: string) {
    this.#id = id
  }

  /** Opens the link of the address, or the one of before a reload. This runs nothing. */
  async open() {
    const stored = readStored(this.#id)
    this.secret = location.hash.slice(1) || (stored?.secret ?? '')
    if (this.secret === '') return this.#die('')
    const isSame = stored?.secret === this.secret
    try {
      await this.#openLink()
    } catch {
      this.state = 'cut_off'
    }
    if (this.state === 'open' && isSame && stored.ticket && stored.run)
      await this.#resume(stored.ticket, stored.run)
  }

  /** The page is left. The run goes on. */
  close() {
    this.#leave.abort()
  }

  /** Throws if Porchlight gives no answer, which says nothing about the link. */
  async #openLink() {
    try {
      const call = { param: { id: this.#id }, json: { secret: this.secret } }
      const { ticket, share } = await request(api.api.shares[':id'].open.$post(call))
      this.#ticket = ticket
      this.view = share
      this.runsLeft = share.pass?.runsLeft ?? 0
      this.state = 'open'
      this.#store()
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status ?? SERVER_ERROR) >= SERVER_ERROR)
        throw error
      this.#die(EXPLAINED.includes(error.status ?? 0) ? error.message : '')
    }
  }

  /** Runs it again at the home, once per request: also when the connection breaks and the guest tries again. */
  async start(json: Partial<GuestRequest>) {
    if (this.isRunning) return
    this.#begin(json)
    try {
      const started = startedRun(await this.#renewing(() => this.#postRun(json)))
      this.#idempotencyKey = ''
      this.#runId = started.id
      this.runsLeft = Math.max(0, this.runsLeft - 1)
      this.#store()
      await this.#follow(started.events)
    } catch (error) {
      this.#fail(this.#isFollowed ? LINK_DEAD : sentenceFor(error))
    }
  }

  async stop() {
    const call = { param: { id: this.#runId } }
    await api.api.runs[':id'].stop.$post(call, this.#bearer()).catch(() => undefined)
  }

  #begin(json: Partial<GuestRequest>) {
    this.run = 'running'
    this.text = ''
    this.thinking = ''
    this.receipt = null
    this.failure = ''
    this.#isFollowed = false
    this.phases.begin()
    const requested = JSON.stringify(json)
    // The server answers a known key with the run that it stands for, even if the new request differs.
    if (requested !== this.#requested) this.#idempotencyKey = ''
    this.#requested = requested
    this.#idempotencyKey ||= crypto.randomUUID()
  }

  #postRun(json: Partial<GuestRequest>) {
    const { headers } = this.#bearer()
    return api.api.shares[':id'].runs.$post(
      { param: { id: this.#id }, json },
      { headers: { ...headers, [CLICK_HEADER]: this.#idempotencyKey, Accept: EVENTS_TYPE } },
    )
  }

  /** Renews the guest session if it has expired while the page was open. */
  async #renewing<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    try {
      return await send()
    } catch (error) {
      if (!(error instanceof ApiError && error.status === UNAUTHORIZED)) throw error
      await this.#openLink()
      if (this.state !== 'open') throw error
      return send()
    }
  }

  /** Follows the run of before a reload. It belongs to the guest session that started it. */
  async #resume(ticket: string, runId: string) {
    const renewed = this.#ticket
    this.run = 'running'
    this.#ticket = ticket
    this.#runId = runId
    this.#store()
    try {
      await this.#follow()
    } catch {
      if (this.#isFollowed) return this.#fail(LINK_DEAD)
      this.#ticket = renewed
      this.#runId = ''
      this.run = 'none'
      this.#store()
    }
  }

  async #follow(events?: ReadableStream<Uint8Array>) {
    this.#isFollowed = events !== undefined
    const ticking = setInterval(() => this.isRunning && this.phases.tick(), TICK_MS)
    const stream = new RunStream({
      open: eventsOf(this.#runId, this.#bearer().headers),
      signal: this.#leave.signal,
      onEvents: (group) => this.#take(group),
      onConnection: (isLost) => (this.isConnectionLost = isLost),
    })
    try {
      await stream.follow(events)
    } finally {
      clearInterval(ticking)
      this.isConnectionLost = false
    }
  }

  #take(events: RunEvent[]) {
    this.#isFollowed = true
    let [text, thinking] = ['', '']
    for (const { event, data } of events) {
      if (event === 'phase') this.phases.enter(data)
      else if (event === 'delta') {
        text += data.text ?? ''
        thinking += data.thinking ?? ''
      } else if (event === 'done') this.receipt = data.receipt
      else if (event === 'failed') this.failure = data.problem.detail
    }
    if (text) this.text += text
    if (thinking) this.thinking += thinking
    const end = END_NAMES.find((name) => events.some(({ event }) => event === name))
    if (end) void this.#end(end)
  }

  /** The server decides whether the run counts: one that ended through no fault of the guest does not. */
  async #end(end: EndName) {
    this.run = end
    const sent = api.api.shares[':id'].pass.$get({ param: { id: this.#id } }, this.#bearer())
    const pass = await request(sent).catch(() => null)
    if (pass) this.runsLeft = pass.runsLeft
  }

  #fail(why: string) {
    this.run = 'failed'
    this.failure = why
  }

  #die(why: string) {
    this.state = 'dead'
    this.why = why
  }

  #bearer = () => ({ headers: { Authorization: `Bearer ${this.#ticket}` } })

  /** Then the secret need not stay in the address, where a screenshot would show it. */
  #store() {
    try {
      const stored = { secret: this.secret, ticket: this.#ticket, run: this.#runId }
      sessionStorage.setItem(storageKey(this.#id), JSON.stringify(stored satisfies Stored))
      history.replaceState(history.state, '', location.pathname)
    } catch {
      // Not stored, so the address keeps the secret for a reload.
    }
  }
}
