import type { Scope, SessionInfo, TokenInfo, TokenLimits } from '../../src/lib/contract/access.ts'
import type { Known } from './caller.ts'
import type { Credential } from './credential.ts'

/** Somebody shows a key or a code, and a session that it may open. Hashes are lower-case hex SHA-256. */
export interface SignIn {
  kind: 'key' | 'code'
  hash: string
  /** Whence it comes: wrong tries are counted by it. */
  source: string
  session: { id: string; hash: string; device: string }
  /** The hash of the session that the browser has already. */
  current: string | null
}

/** `waitMs`: until the next try is looked at. */
export type SignedIn = { result: 'open' } | { result: 'wrong' | 'too_soon'; waitMs: number }

export interface NewToken {
  id: string
  /** Of the whole token. */
  hash: string
  name: string
  scopes: readonly Scope[]
  limits: TokenLimits
  expiresAt: number
}

/** Who may do what, as Home keeps it. Times in ms since 1970. */
export interface AuthPort {
  /** `null`: nobody, or not any more. `counts`: it is a request, not another look at an answer that goes on. */
  identify: (credential: Credential, counts?: boolean) => Promise<Known | null>
  signIn: (attempt: SignIn) => Promise<SignedIn>
  offerCode: (hash: string, expiresAt: number) => Promise<void>
  sessions: () => Promise<Omit<SessionInfo, 'current'>[]>
  endSession: (id: string) => Promise<boolean>
  endSessionOf: (hash: string) => Promise<void>
  endSessions: () => Promise<void>
  tokens: () => Promise<TokenInfo[]>
  /** `null`: there are too many. */
  addToken: (token: NewToken) => Promise<TokenInfo | null>
  removeToken: (id: string) => Promise<boolean>
  /** ms until this token may have the home asked for a token; 0: now, and it counts. */
  takeDeepCheck: (id: string) => Promise<number>
}
