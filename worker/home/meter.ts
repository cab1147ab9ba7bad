/** What one day (UTC) costs: rows written to the database, requests sent to the home. */
export interface Metered {
  day: string
  rowsWritten: number
  requestsToHome: number
}

/** Counts in memory; who keeps it writes `today()` down. What was counted since then is lost with the object. */
export class Meter {
  #count: Metered

  constructor(kept: Metered | null = null) {
    this.#count = kept ?? { day: dayOf(Date.now()), rowsWritten: 0, requestsToHome: 0 }
  }

  /** The count of a former life goes on. */
  goOn(kept: Metered) {
    if (kept.day !== this.today().day) return
    this.#count.rowsWritten += kept.rowsWritten
    this.#count.requestsToHome += kept.requestsToHome
  }

  today(): Metered {
    const day = dayOf(Date.now())
    if (this.#count.day !== day) this.#count = { day, rowsWritten: 0, requestsToHome: 0 }
    return { ...this.#count }
  }

  countRows(rows: number) {
    this.today()
    this.#count.rowsWritten += rows
  }

  countRequest() {
    this.today()
    this.#count.requestsToHome++
  }

  /** The same database, with every row counted that is written through it. */
  counting(sql: SqlStorage): SqlStorage {
    const exec: SqlStorage['exec'] = (query, ...bindings) => {
      const cursor = sql.exec<never>(query, ...bindings)
      this.countRows(cursor.rowsWritten)
      return cursor
    }
    return new Proxy(sql, { get: (target, key) => (key === 'exec' ? exec : Reflect.get(target, key, target)) })
  }
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
