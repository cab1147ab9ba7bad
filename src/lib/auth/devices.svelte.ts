import { api, deletion, failureOf, request } from '$lib/api'
import type { Code, SessionInfo } from '$lib/contract/access'

/** The devices that are signed in. */
class DevicesState {
  /** `null`: not loaded yet. */
  sessions = $state.raw<SessionInfo[] | null>(null)

  /** Returns a sentence about what failed; empty when it succeeds. */
  load(): Promise<string> {
    return failureOf(() => this.#load())
  }

  /** Returns a sentence about what failed; empty when it succeeds. */
  signOut({ id }: SessionInfo): Promise<string> {
    return failureOf(async () => {
      await deletion(api.api.sessions[':id'].$delete({ param: { id } }))
      await this.#load()
    })
  }

  /** A one-time link that signs in another device. */
  createCode(): Promise<Code> {
    return request(api.api.session.codes.$post())
  }

  async #load() {
    this.sessions = (await request(api.api.sessions.$get())).sessions
  }
}

export const devices = new DevicesState()
