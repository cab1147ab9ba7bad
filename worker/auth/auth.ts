import { RpcTarget } from 'cloudflare:workers'
import type { TokenInfo } from '../../src/lib/contract/access.ts'
import type { Known } from './caller.ts'
import type { Credential } from './credential.ts'
import type { Config } from '../config.ts'
import type { AuthPort, NewToken, SignIn, SignedIn } from './port.ts'
import type { Rejection } from '../runs/port.ts'
import type { Implements } from '../ports.ts'
import { codesOf } from './codes.ts'
import { sessionsOf } from './sessions.ts'
import { guestOf } from './guest-sessions.ts'
import { tokensOf } from './tokens.ts'
import { triesOf } from './login-throttle.ts'

/** The link that `npm start` has printed opens for this long after the start. ms. */
const START_CODE_MS = 10 * 60_000

/** Who may do what, and whom what they show stands for. */
export class Auth extends RpcTarget implements Implements<AuthPort> {
  readonly #sql: SqlStorage
  readonly #keyHash: string | null
  readonly #sessions
  readonly #codes
  readonly #tokens
  readonly #tries
  readonly #onTokenGone

  /** `onTokenGone` is told of a token that opens nothing any more. */
  constructor(
    sql: SqlStorage,
    config: Config,
    onTokenGone: (id: string) => void = () => undefined,
  ) {
    super()
    const { hasOwner, ownerKeyHash, startCodeHashes, startedAt } = config
    this.#onTokenGone = onTokenGone
    this.#sql = sql
    this.#keyHash = ownerKeyHash
    // Sessions belong to the key that opened them: with another key, or with none, they are over.
    this.#sessions = sessionsOf(sql, hasOwner ? (ownerKeyHash ?? 'no key fits') : 'no key')
    this.#codes = codesOf(sql)
    this.#tokens = tokensOf(sql)
    this.#tries = triesOf(sql)
    for (const hash of startCodeHashes)
      this.#codes.offer(hash, startedAt + START_CODE_MS, Date.now())
  }

  identify(credential: Credential, counts = false): Known | null {
    const now = Date.now()
    if (credential.kind === 'team')
      return credential.until > now ? { who: 'owner', session: null, keyAt: null } : null
    const { kind, hash } = credential
    if (kind === 'token') return this.#tokens.find(hash, now, counts)
    if (kind === 'ticket') return guestOf(this.#sql, hash, now)
    const session = this.#sessions.find(hash, now)
    return session && { who: 'owner', session: session.id, keyAt: session.keyAt }
  }

  /** The right key always opens: a wait that held it back would let anybody lock the owner out. */
  signIn({ kind, hash, source, session, current }: SignIn): SignedIn {
    const now = Date.now()
    // Both are looked at, so that no answer takes longer than another.
    const isKey = isSame(hash, this.#keyHash ?? NO_HASH) && kind === 'key' && this.#keyHash !== null
    const isCode = this.#codes.take(kind === 'code' ? hash : '', now)
    if (!isKey && !isCode) return this.#refuse(source, now)
    this.#tries.forget(source)
    const known = current === null ? null : this.#sessions.find(current, now)
    if (known) this.#sessions.renew(known.id, { ...session, isByKey: isKey }, now)
    else this.#sessions.add({ ...session, isByKey: isKey }, now)
    return { result: 'open' }
  }

  #refuse(source: string, now: number): SignedIn {
    const waitMs = this.#tries.wait(source, now)
    return waitMs > 0
      ? { result: 'too_soon', waitMs }
      : { result: 'wrong', waitMs: this.#tries.count(source, now) }
  }

  offerCode(hash: string, expiresAt: number) {
    this.#codes.offer(hash, expiresAt, Date.now())
  }

  sessions() {
    return this.#sessions.list(Date.now())
  }

  endSession(id: string): boolean {
    return this.#sessions.remove(id)
  }

  endSessionOf(hash: string) {
    const session = this.#sessions.find(hash, Date.now())
    if (session) this.#sessions.remove(session.id)
  }

  endSessions() {
    this.#sessions.removeAll()
    this.#codes.spoil(Date.now())
  }

  tokens(): TokenInfo[] {
    return this.#tokens.list(Date.now())
  }

  addToken(token: NewToken): TokenInfo | null {
    return this.#tokens.add(token, Date.now())
  }

  removeToken(id: string): boolean {
    const isGone = this.#tokens.remove(id)
    if (isGone) this.#onTokenGone(id)
    return isGone
  }

  /** Why this token may not ask this now, with so many answers under way; `null`: it may. */
  decline(id: string, model: string, atOnce: number): Rejection | null {
    return this.#tokens.decline(id, model, atOnce, Date.now())
  }

  spend(id: string, tokens: number) {
    this.#tokens.spend(id, tokens, Date.now())
  }

  takeDeepCheck(id: string): number {
    return this.#tokens.takeDeepCheck(id, Date.now())
  }
}

/** Stands in where there is no key, so that looking takes as long. */
export const NO_HASH = '-'.repeat(64)

/** In the same time wherever they differ. */
export function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => new TextEncoder().encode(text.padEnd(64)))
  return (
    a !== undefined &&
    b !== undefined &&
    a.byteLength === b.byteLength &&
    crypto.subtle.timingSafeEqual(a, b)
  )
}
