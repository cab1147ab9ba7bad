import { api } from '$lib/api'
import type { Code, SessionInfo } from '$lib/contract/access'
import { isGone } from '../gone'

/** The devices that are signed in, as the settings show them. `null`: not read yet. */
class Devices {
  sessions = $state.raw<SessionInfo[] | null>(null)

  /** Whether the list could be read. */
  async load(): Promise<boolean> {
    const response = await api.api.sessions.$get().catch(() => null)
    if (response?.ok) this.sessions = (await response.json()).sessions
    return response?.ok ?? false
  }

  /** Whether it is signed out now. */
  async end({ id }: SessionInfo): Promise<boolean> {
    const hasEnded = isGone(
      await api.api.sessions[':id'].$delete({ param: { id } }).catch(() => null),
    )
    await this.load()
    return hasEnded
  }

  /** A link that signs in another device; `null`: none could be made. */
  async offerCode(): Promise<Code | null> {
    const response = await api.api.session.codes.$post().catch(() => null)
    return response?.ok ? response.json() : null
  }
}

export const devices = new Devices()
