import type { Known } from '../access/caller.ts'
import type { Credential } from '../access/credential.ts'
import type { Config } from '../config.ts'
import { sessionsOf } from './sessions.ts'
import { guestOf } from './tickets.ts'
import { tokensOf } from './tokens.ts'

/** Whom what is shown stands for. */
export class Keys {
  readonly #sql: SqlStorage
  readonly sessions
  readonly tokens

  constructor(sql: SqlStorage, { hasOwner, ownerKeyHash }: Config) {
    this.#sql = sql
    this.sessions = sessionsOf(sql, hasOwner ? (ownerKeyHash ?? 'no key fits') : 'no key')
    this.tokens = tokensOf(sql)
  }

  /** `null`: nobody, or not any more. Asked again at every heartbeat of a stream. */
  identify({ kind, hash }: Credential, now = Date.now()): Known | null {
    if (kind === 'token') return this.tokens.find(hash, now)
    if (kind === 'ticket') return guestOf(this.#sql, hash, now)
    const session = this.sessions.find(hash, now)
    return session && { who: 'owner', session: session.id, keyAt: session.keyAt }
  }
}
