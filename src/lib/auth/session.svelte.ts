import { api, ApiError, request, whenNotSignedIn } from '$lib/api'
import type { SessionStatus } from '$lib/contract/access'
import { forgetAll } from './sign-out-cleanup'
import { home } from '../home/home.svelte'

const COUNTDOWN_TICK_MS = 250

/** Whether this browser is signed in, and how to sign in and out. */
class SessionState {
  /** `null`: not known yet. */
  status = $state.raw<SessionStatus | null>(null)
  /** Seconds until the next attempt is accepted. */
  waitS = $state(0)

  isSignedIn = $derived(this.status !== null && this.status.owner !== null)
  isSignedOut = $derived(this.status !== null && this.status.owner === null)

  #loading: Promise<void> | null = null

  /** Keeps the last known status when Porchlight cannot be reached: that does not end the session. */
  load(): Promise<void> {
    this.#loading ??= request(api.api.session.$get())
      .then((status) => void (this.status = status))
      .catch(() => undefined)
      .finally(() => (this.#loading = null))
    return this.#loading
  }

  /** Loads now, and again whenever a request is refused for lack of a session. Returns a function that stops it. */
  watch(): () => void {
    whenNotSignedIn(() => void this.load())
    void this.load()
    return () => whenNotSignedIn(() => {})
  }

  async signIn(json: { key: string } | { code: string }): Promise<void> {
    try {
      await api.api.session.$post({ json })
    } catch (error) {
      if (error instanceof ApiError) this.#countDown(error.retryAfterS)
      throw error
    }
    // A response that was on its way before does not know about the new session.
    await this.#loading
    await this.load()
    void home.check(true)
  }

  /** Ends this session, or all of them, and clears this device. Leaves the page when it succeeds. */
  async signOut(isEverywhere = false): Promise<void> {
    await (isEverywhere ? api.api.sessions.$delete() : api.api.session.$delete())
    await forgetAll()
    // Access would sign this browser in again at once; its own sign-out is an address on our host.
    location.replace(this.status?.owner === 'access' ? '/cdn-cgi/access/logout' : '/sign-in')
  }

  #countDown(seconds: number) {
    const until = Date.now() + seconds * 1000
    const count = () => {
      this.waitS = Math.max(0, Math.ceil((until - Date.now()) / 1000))
      if (this.waitS === 0) clearInterval(counting)
    }
    const counting = setInterval(count, COUNTDOWN_TICK_MS)
    count()
  }
}

export const session = new SessionState()
