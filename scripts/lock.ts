import { DatabaseSync } from 'node:sqlite'

export interface Lock {
  release: () => void
}

const SQLITE_BUSY = 5
/** Keeps the databases alive: garbage collection would release their locks. */
const held = new Set<DatabaseSync>()
const BEGIN = { alone: 'BEGIN EXCLUSIVE', shared: 'BEGIN; SELECT * FROM sqlite_master' } as const
/** Nothing is ever written, so a journal would be a useless file that stays behind. */
const NO_JOURNAL = 'PRAGMA journal_mode = MEMORY;'

/**
 * A lock that the system releases when its process ends, even by SIGKILL. So there are no stale locks to remove, and no
 * process id that another process may have got since then. `null`: another process holds it.
 */
export function takeLock(file: string, kind: keyof typeof BEGIN = 'alone'): Lock | null {
  const database = new DatabaseSync(file)
  try {
    database.exec(`${NO_JOURNAL} ${BEGIN[kind]}`)
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
