import { RpcTarget } from 'cloudflare:workers'
import type { TokenInfo } from '../../src/lib/contract/access.ts'
import type { Config } from '../config.ts'
import type { Implements } from '../ports.ts'
import type { Rejection } from '../runs/port.ts'
import type { Identity } from './caller.ts'
import { Codes } from './codes.ts'
import type { Credential } from './credential.ts'
import { GuestSessions } from './guest-sessions.ts'
import { LoginThrottle } from './login-throttle.ts'
import type { AuthPort, NewToken, SignIn, SignedIn } from './port.ts'
import { Sessions } from './sessions.ts'
import { Tokens } from './tokens.ts'

/** How long after the start the link that `npm start` prints stays valid. */
const START_CODE_MS = 10 * 60_000

/** Replaces a missing hash in comparisons, so that they take the same time. */
const DUMMY_HASH = '-'.repeat(64)

/** Identifies callers, and keeps sessions, one-time codes and tokens. */
export class Auth extends RpcTarget implements Implements<AuthPort> {
  readonly #keyHash: string | null
  readonly #sessions: Sessions
  readonly #guestSessions: GuestSessions
  readonly #codes: Codes
  readonly #tokens: Tokens
  readonly #throttle: LoginThrottle
  readonly #onTokenRevoked: (id: string) => void

  constructor(
    sql: SqlStorage,
    config: Config,
    onTokenRevoked: (id: string) => void = () => undefined,
  ) {
    super()
    const { hasOwner, ownerKeyHash, startCodeHashes, startedAt } = config
    this.#onTokenRevoked = onTokenRevoked
    this.#keyHash = ownerKeyHash
    // A session is valid only for the owner key it was opened with.
    this.#sessions = new Sessions(sql, hasOwner ? (ownerKeyHash ?? 'no key fits') : 'no key')
    this.#guestSessions = new GuestSessions(sql)
    this.#codes = new Codes(sql)
    this.#tokens = new Tokens(sql)
    this.#throttle = new LoginThrottle(sql)
    for (const hash of startCodeHashes) this.#codes.add(hash, startedAt + START_CODE_MS, Date.now())
  }

  identify(credential: Credential, isRequest = false): Identity | null {
    const now = Date.now()
    if (credential.kind === 'access')
      return credential.until > now ? { who: 'owner', session: null, keyAt: null } : null
    const { kind, hash } = credential
    if (kind === 'token') return this.#tokens.find(hash, now, isRequest)
    if (kind === 'guest') return this.#guestSessions.find(hash, now)
    const session = this.#sessions.find(hash, now)
    return session && { who: 'owner', session: session.id, keyAt: session.keyAt }
  }

  /** The right key works even while the throttle is active: otherwise a stranger could lock the owner out. */
  signIn({ kind, hash, network, session, current }: SignIn): SignedIn {
    const now = Date.now()
    // Compares with the key and with the codes in every case, so that the timing reveals nothing.
    const matches = timingSafeEqual(hash, this.#keyHash ?? DUMMY_HASH)
    const isKey = matches && kind === 'key' && this.#keyHash !== null
    const isCode = this.#codes.consume(kind === 'code' ? hash : '', now)
    if (!isKey && !isCode) return this.#recordFailure(network, now)
    this.#throttle.reset(network)
    const previous = current === null ? null : this.#sessions.find(current, now)
    const next = { ...session, isByKey: isKey }
    if (previous) this.#sessions.renew(previous.id, next, now)
    else this.#sessions.add(next, now)
    return { result: 'open' }
  }

  #recordFailure(network: string, now: number): SignedIn {
    const waitMs = this.#throttle.waitMs(network, now)
    if (waitMs > 0) return { result: 'too_soon', waitMs }
    this.#throttle.recordFailure(network, now)
    return { result: 'wrong', waitMs: this.#throttle.waitMs(network, now) }
  }

  addCode(hash: string, expiresAt: number) {
    this.#codes.add(hash, expiresAt, Date.now())
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
    this.#codes.invalidateAll(Date.now())
  }

  tokens(): TokenInfo[] {
    return this.#tokens.list(Date.now())
  }

  addToken(token: NewToken): TokenInfo | null {
    return this.#tokens.add(token, Date.now())
  }

  removeToken(id: string): boolean {
    const isRemoved = this.#tokens.remove(id)
    if (isRemoved) this.#onTokenRevoked(id)
    return isRemoved
  }

  /** Which limit stops this token now, with `answers` running or queued; `null` if none does. */
  rejection(id: string, model: string, answers: number): Rejection | null {
    return this.#tokens.rejection(id, model, answers, Date.now())
  }

  recordUsage(id: string, tokens: number) {
    this.#tokens.recordUsage(id, tokens, Date.now())
  }

  consumeDeepCheck(id: string): number {
    return this.#tokens.consumeDeepCheck(id, Date.now())
  }
}

function timingSafeEqual(one: string, other: string): boolean {
  const encoder = new TextEncoder()
  const [a, b] = [encoder.encode(one.padEnd(64)), encoder.encode(other.padEnd(64))] as const
  return a.byteLength === b.byteLength && crypto.subtle.timingSafeEqual(a, b)
}
