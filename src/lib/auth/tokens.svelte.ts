import { api } from '$lib/api'
import type { NewTokenInfo, TokenInfo, TokenRequest } from '$lib/contract/access'
import type { Problem } from '$lib/contract/problem'
import { isGone } from '../gone'

/** The API tokens, as the settings show them. `null`: not read yet. */
class Tokens {
  all = $state.raw<TokenInfo[] | null>(null)
  /** The one that was made just now, with its secret. */
  made = $state.raw<NewTokenInfo | null>(null)

  /** Whether the list could be read. */
  async load(): Promise<boolean> {
    const response = await api.api.tokens.$get().catch(() => null)
    if (response?.ok) this.all = (await response.json()).tokens
    return response?.ok ?? false
  }

  /** `null`: it is made. Otherwise why not. */
  async make(request: TokenRequest): Promise<string | null> {
    const response = await api.api.tokens.$post({ json: request }).catch(() => null)
    if (!response) return 'Porchlight does not answer. Try again.'
    if (!response.ok) return ((await response.json()) as unknown as Problem).detail
    this.made = await response.json()
    await this.load()
    return null
  }

  /** Whether it opens nothing any more. */
  async revoke({ id }: TokenInfo): Promise<boolean> {
    const isRevoked = isGone(
      await api.api.tokens[':id'].$delete({ param: { id } }).catch(() => null),
    )
    if (this.made?.id === id) this.made = null
    await this.load()
    return isRevoked
  }
}

export const tokens = new Tokens()
