import { DatabaseSync } from 'node:sqlite'

export interface Lock {
  release: () => void
}

const SQLITE_BUSY = 5
/** What nobody refers to is collected, and its lock would be gone with it. */
const held = new Set<DatabaseSync>()
const HOW = { alone: 'BEGIN EXCLUSIVE', shared: 'BEGIN; SELECT * FROM sqlite_master' } as const
/** Nothing is ever written, so a journal would only be a file that is left behind. */
const NO_JOURNAL = 'PRAGMA journal_mode = MEMORY;'

/**
 * A lock that the system takes back when its process ends, however it ends: there are no stale ones to clear away, and a
 * number that another process got since then misleads nobody. `null`: somebody else has it.
 */
export function takeLock(file: string, kind: keyof typeof HOW = 'alone'): Lock | null {
  const database = new DatabaseSync(file)
  try {
    database.exec(`${NO_JOURNAL} ${HOW[kind]}`)
    held.add(database)
    return { release: () => release(database) }
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw error
  }
}

function release(database: DatabaseSync) {
  held.delete(database)
  database.close()
}
