import type { Problem } from '../contract/problem.ts'
import {
  END_NAMES,
  EVENTS_TYPE,
  type EndName,
  type Receipt,
  type RunEvent,
} from '../contract/runs.ts'
import {
  CLICK_HEADER,
  type GuestRequest,
  type OpenedShare,
  type SharedView,
} from '../contract/shares.ts'
import { readEvents } from '../runs/read-events.ts'
import { RunPhases } from '../runs/run-phases.svelte.ts'

/** What this tab keeps for a reload: the fragment is gone from the address by then. */
interface Kept {
  secret: string
  ticket?: string
  run?: string
}

const keyOf = (id: string) => `porchlight.share.${id}`
const WAIT_MS = 1000
const TICK_MS = 100
const NO_LINE = 'No line to Porchlight. Try again when you are online.'

function readKept(id: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(id)) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const told = (await response.json().catch(() => null)) as Problem | null
  return (
    told ??
    ({ status: response.status, detail: `Porchlight answered ${response.status}.` } as Problem)
  )
}

/** Somebody with a link: what they see, and the run that they started. */
export class GuestSession {
  state = $state<'opening' | 'open' | 'dead' | 'cut_off'>('opening')
  /** Why it does not open. */
  why = $state('')
  view = $state.raw<SharedView | null>(null)
  runsLeft = $state(0)
  run = $state<'none' | 'running' | EndName>('none')
  readonly stages = new RunPhases()
  text = $state('')
  thinking = $state('')
  receipt = $state.raw<Receipt | null>(null)
  /** What went wrong with the run, in a sentence. */
  failure = $state('')
  isLineLost = $state(false)
  secret = $state('')

  #id: string
  #ticket = ''
  #run = ''
  #seq = 0
  #click = ''

  constructor(id: string) {
    this.#id = id
  }

  isRunning = $derived(this.run === 'running')

  /** Shows the secret of the address, or the one of before a reload. Nothing is run by it. */
  async open() {
    const kept = readKept(this.#id)
    this.secret = location.hash.slice(1) || (kept?.secret ?? '')
    const isSame = kept?.secret === this.secret
    if (this.secret === '') return this.#die('')
    try {
      await this.#show()
      if (isSame && kept.ticket && kept.run) await this.#resume(kept.ticket, kept.run)
    } catch {
      if (this.state === 'opening') this.state = 'cut_off'
    }
  }

  async #show() {
    const response = await this.#post('open', { secret: this.secret })
    if (!response.ok) {
      const { status, detail } = await problemOf(response)
      return this.#die(status === 410 || status === 429 ? detail : '')
    }
    const { ticket, share } = (await response.json()) as OpenedShare
    this.#ticket = ticket
    this.view = share
    this.runsLeft = share.pass?.runsLeft ?? 0
    this.state = 'open'
    this.#keep()
  }

  /** Runs it again at their home: once a click, also when the line breaks and the click is repeated. */
  async start(request: Partial<GuestRequest>) {
    if (this.isRunning) return
    Object.assign(this, { run: 'running', text: '', thinking: '', receipt: null, failure: '' })
    this.#seq = 0
    this.stages.begin()
    this.#click ||= crypto.randomUUID()
    try {
      const response = await this.#admitted(() =>
        this.#post('runs', request, {
          ...this.#bearer(),
          [CLICK_HEADER]: this.#click,
          Accept: EVENTS_TYPE,
        }),
      )
      if (!response.ok || !response.body) return this.#fail((await problemOf(response)).detail)
      this.#click = ''
      this.#run = response.headers.get('location')?.split('/').at(-1) ?? ''
      this.runsLeft = Math.max(0, this.runsLeft - 1)
      this.#keep()
      await this.#follow(response.body)
    } catch {
      this.#fail(NO_LINE)
    }
  }

  async stop() {
    const request = { method: 'POST', headers: this.#bearer() }
    await fetch(`/api/runs/${this.#run}/stop`, request).catch(() => undefined)
  }

  /** The page was open for longer than a ticket is good. */
  async #admitted(ask: () => Promise<Response>): Promise<Response> {
    const response = await ask()
    if (response.status !== 401) return response
    await this.#show()
    return this.state === 'open' ? ask() : response
  }

  async #resume(ticket: string, run: string) {
    const fresh = this.#ticket
    Object.assign(this, { run: 'running' })
    this.#ticket = ticket
    this.#run = run
    this.#keep()
    const body = await this.#events()
    if (body) return this.#follow(body)
    // Its ticket is over, and the run with it.
    this.#ticket = fresh
    this.run = 'none'
    this.#run = ''
    this.#keep()
  }

  async #events(): Promise<ReadableStream<Uint8Array> | null> {
    const response = await fetch(`/api/runs/${this.#run}/events?after=${this.#seq}`, {
      headers: this.#bearer(),
    })
    return response.ok ? response.body : null
  }

  async #follow(first: ReadableStream<Uint8Array>) {
    const ticking = setInterval(() => this.isRunning && this.stages.tick(), TICK_MS)
    try {
      await this.#readOn(first)
    } finally {
      clearInterval(ticking)
    }
  }

  async #readOn(first: ReadableStream<Uint8Array>) {
    for (let body: ReadableStream<Uint8Array> | null | undefined = first; this.isRunning;) {
      try {
        body ??= await this.#events()
        if (!body) return this.#fail('This link does not open any more, so the run has ended.')
        this.isLineLost = false
        for await (const events of readEvents(body)) for (const event of events) this.#take(event)
      } catch {
        this.isLineLost = true
      }
      body = undefined
      if (this.isRunning) await new Promise((resume) => setTimeout(resume, WAIT_MS))
    }
  }

  #take({ seq, event, data }: RunEvent) {
    this.#seq = seq
    if (event === 'phase') this.stages.enter(data)
    else if (event === 'delta') {
      this.text += data.text ?? ''
      this.thinking += data.thinking ?? ''
    } else if (event === 'done') this.receipt = data.receipt
    else if (event === 'failed') this.failure = data.problem.detail
    if ((END_NAMES as readonly string[]).includes(event)) void this.#end(event as EndName)
  }

  /** A run that ended through no fault of the guest is not counted: so says whoever counts. */
  async #end(how: EndName) {
    this.run = how
    const response = await fetch(`/api/shares/${this.#id}/pass`, { headers: this.#bearer() }).catch(
      () => null,
    )
    if (response?.ok) this.runsLeft = ((await response.json()) as { runsLeft: number }).runsLeft
  }

  #fail(why: string) {
    this.run = 'failed'
    this.failure = why
  }

  #die(why: string) {
    this.state = 'dead'
    this.why = why
  }

  #bearer = () => ({ Authorization: `Bearer ${this.#ticket}` })

  #post(what: 'open' | 'runs', body: unknown, headers: Record<string, string> = {}) {
    const request = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...headers },
    }
    return fetch(`/api/shares/${this.#id}/${what}`, request)
  }

  /** Then the fragment need not stand in the address, where the next picture of the screen would show it. */
  #keep() {
    try {
      const kept = { secret: this.secret, ticket: this.#ticket, run: this.#run } satisfies Kept
      sessionStorage.setItem(keyOf(this.#id), JSON.stringify(kept))
      history.replaceState(history.state, '', location.pathname)
    } catch {
      // Not kept, then: the address keeps it for a reload.
    }
  }
}
