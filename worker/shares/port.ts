import type { Started } from '../../src/lib/contract/runs.ts'
import type { Problem } from '../../src/lib/contract/problem.ts'
import type {
  GuestRequest,
  NewShare,
  ShareChange,
  ShareInfo,
} from '../../src/lib/contract/shares.ts'

export interface NewShareId {
  id: string
  /** Of the secret. */
  hash: string
}

/** Somebody shows the secret of a share. Hashes are lower-case hex SHA-256; `source` is whence it comes. */
export interface OpenAttempt extends NewShareId {
  /** The hash of the ticket that is given out if the secret is right. */
  ticket: string
  source: string
}

/** What is shown to others, and what they may run. */
export interface SharesPort {
  create: (
    share: NewShareId,
    asked: NewShare,
  ) => Promise<'created' | 'unknown' | 'unfinished' | 'too_large'>
  list: () => Promise<ShareInfo[]>
  change: (id: string, change: ShareChange) => Promise<'changed' | 'unknown' | 'no_pass'>
  revoke: (id: string) => Promise<boolean>
  /** `view`: a `SharedView` as JSON. */
  open: (
    knock: OpenAttempt,
  ) => Promise<{ view: string } | 'wrong' | 'too_often' | 'expired' | 'revoked'>
  /** What its owner wrote for everybody; empty: nothing, or no such share. */
  title: (id: string) => Promise<string>
  runsLeft: (id: string) => Promise<number>
  start: (
    id: string,
    ticket: string,
    request: GuestRequest,
    click: string,
  ) => Promise<Started | { problem: Problem }>
}
