/** What one day (UTC) costs: rows written to the database, calls of the object that keeps it, requests sent to the home. */
export interface Metered {
  day: string
  rowsWritten: number
  calls: number
  requestsToHome: number
}

/** Counts in memory; who keeps it writes `today()` down. What was counted since then is lost with the object. */
export class Meter {
  #count: Metered

  constructor() {
    this.#count = nothingOn(dayOf(Date.now()))
  }

  /** The count of a former life goes on. */
  goOn(kept: Omit<Metered, 'calls'> & Partial<Metered>) {
    if (kept.day !== this.today().day) return
    this.#count.rowsWritten += kept.rowsWritten
    this.#count.calls += kept.calls ?? 0
    this.#count.requestsToHome += kept.requestsToHome
  }

  today(): Metered {
    const day = dayOf(Date.now())
    if (this.#count.day !== day) this.#count = nothingOn(day)
    return { ...this.#count }
  }

  countRows(rows: number) {
    this.today()
    this.#count.rowsWritten += rows
  }

  countCall() {
    this.today()
    this.#count.calls++
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
    return new Proxy(sql, {
      get: (target, key) => (key === 'exec' ? exec : Reflect.get(target, key, target)),
    })
  }
}

const nothingOn = (day: string): Metered => ({ day, rowsWritten: 0, calls: 0, requestsToHome: 0 })
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
