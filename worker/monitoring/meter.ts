/** What one day (UTC) costs: database rows written, calls of the `Home` object, requests to the home. */
export interface Metered {
  day: string
  rowsWritten: number
  calls: number
  requestsToHome: number
}

/** Counts in memory. The count since the last `today()` that was stored is lost with the object. */
export class Meter {
  #count = nothingOn(dayOf(Date.now()))

  /** Continues a stored count. An old one may lack `calls`. */
  restore({ day, rowsWritten, calls = 0, requestsToHome }: StoredCount) {
    if (day !== this.today().day) return
    this.#count.rowsWritten += rowsWritten
    this.#count.calls += calls
    this.#count.requestsToHome += requestsToHome
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

  /** The same database, with every written row counted. */
  counting(sql: SqlStorage): SqlStorage {
    const exec: SqlStorage['exec'] = (query, ...bindings: unknown[]) => {
      const cursor = sql.exec<never>(query, ...bindings)
      this.countRows(cursor.rowsWritten)
      return cursor
    }
    return new Proxy(sql, {
      get: (target, key): unknown => (key === 'exec' ? exec : Reflect.get(target, key, target)),
    })
  }
}

type StoredCount = Omit<Metered, 'calls'> & Partial<Metered>

const nothingOn = (day: string): Metered => ({ day, rowsWritten: 0, calls: 0, requestsToHome: 0 })
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)
