import { api, deletion, failureOf, request } from '$lib/api'
import type { NewTokenInfo, TokenInfo, TokenRequest } from '$lib/contract/access'

/** The API tokens. Each method returns a sentence about what failed; empty when it succeeds. */
class TokensState {
  /** `null`: not loaded yet. */
  all = $state.raw<TokenInfo[] | null>(null)
  /** The token that was just created, with its secret. */
  created = $state.raw<NewTokenInfo | null>(null)

  load(): Promise<string> {
    return failureOf(() => this.#load())
  }

  create(json: TokenRequest): Promise<string> {
    return failureOf(async () => {
      this.created = await request(api.api.tokens.$post({ json }))
      await this.#load()
    })
  }

  revoke({ id }: TokenInfo): Promise<string> {
    return failureOf(async () => {
      await deletion(api.api.tokens[':id'].$delete({ param: { id } }))
      if (this.created?.id === id) this.created = null
      await this.#load()
    })
  }

  async #load() {
    this.all = (await request(api.api.tokens.$get())).tokens
  }
}

export const tokens = new TokensState()
