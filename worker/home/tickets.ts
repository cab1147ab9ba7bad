import type { Scope } from '../../src/lib/contract/access.ts'

/** Who a ticket admits: a guest of one share. */
export interface Guest {
  who: 'guest'
  share: string
  /** The hash of the ticket, by which its runs are known. */
  ticket: string
}

export type TokenHolder = { who: 'token'; id: string; scopes: readonly Scope[] }

/** The seam for shares: they give out tickets, and say here whom one admits. Until there are shares, nobody. */
export function guestOf(_sql: SqlStorage, _hash: string, _now: number): Guest | null {
  return null
}
