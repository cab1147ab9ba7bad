import type { Problem } from '../../src/lib/contract/problem.ts'
import type { Started } from '../../src/lib/contract/runs.ts'
import type {
  GuestRequest,
  NewShare,
  ShareChange,
  ShareInfo,
} from '../../src/lib/contract/shares.ts'

export interface NewShareId {
  id: string
  /** The lower-case hex SHA-256 of the secret. */
  hash: string
}

/** An attempt to open a share with its secret. */
export interface OpenAttempt extends NewShareId {
  /** The hash of the guest session that begins if the secret is right. */
  session: string
  /** Attempts are counted by network. */
  network: string
}

/** `view`: a `SharedView` as JSON. */
export type OpenResult = { view: string } | 'wrong' | 'too_often' | 'expired' | 'revoked'

/** Shares, and the runs that guests start with them. */
export interface SharesPort {
  create: (
    share: NewShareId,
    request: NewShare,
  ) => Promise<'created' | 'unknown' | 'unfinished' | 'too_large'>
  list: () => Promise<ShareInfo[]>
  change: (id: string, change: ShareChange) => Promise<'changed' | 'unknown' | 'no_pass'>
  revoke: (id: string) => Promise<boolean>
  open: (attempt: OpenAttempt) => Promise<OpenResult>
  /** The public title; empty if there is none, or no such share. */
  title: (id: string) => Promise<string>
  runsLeft: (id: string) => Promise<number>
  start: (
    share: string,
    session: string,
    request: GuestRequest,
    idempotencyKey: string,
  ) => Promise<Started | { problem: Problem }>
}
