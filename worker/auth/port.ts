import type { Scope, SessionInfo, TokenInfo, TokenLimits } from '../../src/lib/contract/access.ts'
import type { Identity } from './caller.ts'
import type { Credential } from './credential.ts'

/** An attempt to open a session with a key or a code. Hashes are lower-case hex SHA-256. */
export interface SignIn {
  kind: 'key' | 'code'
  hash: string
  /** Failed attempts are counted by network. */
  network: string
  session: { id: string; hash: string; device: string }
  /** The hash of the session cookie that the browser already has. */
  current: string | null
}

/** `waitMs`: until the next attempt is checked. */
export type SignedIn = { result: 'open' } | { result: 'wrong' | 'too_soon'; waitMs: number }

export interface NewToken {
  id: string
  /** The hash of the whole token. */
  hash: string
  name: string
  scopes: readonly Scope[]
  limits: TokenLimits
  expiresAt: number
}

/** Identities, sessions, one-time codes and tokens. Times are in ms since 1970. */
export interface AuthPort {
  /** `null` if the credential is unknown, expired or revoked. `isRequest`: not a revalidation of a running stream. */
  identify: (credential: Credential, isRequest?: boolean) => Promise<Identity | null>
  signIn: (attempt: SignIn) => Promise<SignedIn>
  addCode: (hash: string, expiresAt: number) => Promise<void>
  sessions: () => Promise<Omit<SessionInfo, 'current'>[]>
  endSession: (id: string) => Promise<boolean>
  endSessionOf: (hash: string) => Promise<void>
  endSessions: () => Promise<void>
  tokens: () => Promise<TokenInfo[]>
  /** `null` if there are too many tokens. */
  addToken: (token: NewToken) => Promise<TokenInfo | null>
  removeToken: (id: string) => Promise<boolean>
  /** Returns the ms until this token may run its next deep check; 0 allows and records this one. */
  consumeDeepCheck: (id: string) => Promise<number>
}
