import { api, whenNotSignedIn } from '$lib/api'
import type { SessionStatus } from '$lib/contract/access'
import type { Problem } from '$lib/contract/problem'
import { forgetAll } from './sign-out-cleanup'
import { home } from '../home/home.svelte'

const TIMES_A_SECOND = 4

/** Whether this browser is inside, and how to come in. */
class SessionState {
  told = $state.raw<SessionStatus | null>(null)
  /** Seconds until the next try counts. */
  waitS = $state(0)

  isInside = $derived(this.told !== null && this.told.owner !== null)
  isOutside = $derived(this.told !== null && this.told.owner === null)

  #looking: Promise<void> | null = null

  /** What is known stays when our own server does not answer: that says nothing of who asks. */
  look(): Promise<void> {
    this.#looking ??= this.#ask().finally(() => (this.#looking = null))
    return this.#looking
  }

  async #ask() {
    const response = await api.api.session.$get().catch(() => null)
    if (response?.ok) this.told = await response.json()
  }

  /** Looks now, and again whenever a request was refused for want of a session. Returns how to stop. */
  watch(): () => void {
    whenNotSignedIn(() => void this.look())
    void this.look()
    return () => whenNotSignedIn(() => {})
  }

  /** `null`: it opened. Otherwise why not. */
  async signIn(shown: { key: string } | { code: string }): Promise<Problem | null> {
    const response = await api.api.session.$post({ json: shown })
    if (!response.ok) {
      this.#wait(Number(response.headers.get('Retry-After') ?? 0))
      return (await response.json()) as Problem
    }
    // What was on its way before knows nothing of it.
    await this.#looking
    await this.look()
    void home.check(true)
    return null
  }

  /** Ends this session, or all of them, and forgets what this device has kept. Does not return where it succeeds. */
  async signOut(isEverywhere = false): Promise<boolean> {
    const response = await (
      isEverywhere ? api.api.sessions.$delete() : api.api.session.$delete()
    ).catch(() => null)
    if (!response?.ok) return false
    await forgetAll()
    // Access would let this browser in again at once: its own session ends at an address of its own, on our host.
    location.replace(this.told?.owner === 'access' ? '/cdn-cgi/access/logout' : '/sign-in')
    return true
  }

  #wait(seconds: number) {
    const until = Date.now() + seconds * 1000
    const count = () => {
      this.waitS = Math.max(0, Math.ceil((until - Date.now()) / 1000))
      if (this.waitS === 0) clearInterval(counting)
    }
    const counting = setInterval(count, 1000 / TIMES_A_SECOND)
    count()
  }
}

export const door = new SessionState()
