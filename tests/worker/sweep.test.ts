import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { Meter } from '../../worker/monitoring/meter.ts'
import { Expiry } from '../../worker/home/expiry.ts'

const DAY_MS = 86_400_000
const NOW = 100 * DAY_MS

/** For each table a row that has just expired, and one that expires a moment later. */
const ROWS = {
  ticket: (at: number) => ({ hash: `t${at}`, share_id: 'a', expires_at: at }),
  share: (at: number) => ({
    id: `s${at}`,
    hash: `h${at}`,
    title: '',
    label: '',
    view: '[]',
    show: '{}',
    runs_max: 0,
    created_at: 0,
    expires_at: at - 30 * DAY_MS,
  }),
  session: (at: number) => ({
    id: `i${at}`,
    hash: `h${at}`,
    fingerprint: '',
    device: '',
    created_at: at - 8 * DAY_MS,
    seen_at: at - 7 * DAY_MS,
  }),
  sign_in_code: (at: number) => ({ hash: `c${at}`, expires_at: at - DAY_MS }),
  token: (at: number) => ({
    id: `o${at}`,
    hash: `o${at}`,
    name: '',
    scopes: '[]',
    created_at: 0,
    expires_at: at - 30 * DAY_MS,
  }),
  wrong_try: (at: number) => ({ source: `w${at}`, count: 1, last_at: at - DAY_MS }),
} as const

function fill(sql: SqlStorage) {
  for (const [table, rowOf] of Object.entries(ROWS))
    for (const row of [rowOf(NOW), rowOf(NOW + 1)])
      sql.exec(
        `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${Object.keys(row)
          .map(() => '?')
          .join()})`,
        ...Object.values(row),
      )
  for (const at of [NOW, NOW + 1])
    sql.exec(
      'INSERT INTO guest_run (run_id, share_id, click) VALUES (?, ?, ?)',
      `r${at}`,
      `s${at}`,
      '',
    )
}

const countOf = (sql: SqlStorage) =>
  [...Object.keys(ROWS), 'guest_run'].map(
    (table) => sql.exec<{ n: number }>(`SELECT count(*) AS n FROM ${table}`).one().n,
  )

test('expired sessions, codes, tokens and shares are deleted once an hour, at one row written per deletion', async () => {
  const stub = env.HOME.get(env.HOME.newUniqueId())
  await runInDurableObject(stub, (_home, { storage }) => {
    const meter = new Meter()
    const written = () => meter.today().rowsWritten
    const expiry = new Expiry(meter.counting(storage.sql))
    fill(storage.sql)
    expiry.purge(NOW)
    expect(countOf(storage.sql)).toEqual([1, 1, 1, 1, 1, 1, 1])
    const once = written()
    // Each row has indexes, which count too.
    expect(once).toBeLessThanOrEqual(3 * 7)
    expiry.purge(NOW + 1000)
    expect(countOf(storage.sql)).toEqual([1, 1, 1, 1, 1, 1, 1])
    expiry.purge(NOW + 3_600_000)
    expect(countOf(storage.sql)).toEqual([0, 0, 0, 0, 0, 0, 0])
    const twice = written()
    for (let hour = 2; hour < 26; hour++) expiry.purge(NOW + hour * 3_600_000)
    expect(written()).toBe(twice)
  })
})

test('a session that is used daily expires after thirty days', async () => {
  const stub = env.HOME.get(env.HOME.newUniqueId())
  await runInDurableObject(stub, (_home, { storage: { sql } }) => {
    sql.exec(
      "INSERT INTO session (id, hash, fingerprint, device, created_at, seen_at) VALUES ('a', 'a', '', '', ?, ?)",
      NOW - 30 * DAY_MS,
      NOW,
    )
    new Expiry(sql).purge(NOW - 1)
    expect(sql.exec('SELECT * FROM session').toArray()).toHaveLength(1)
    new Expiry(sql).purge(NOW)
    expect(sql.exec('SELECT * FROM session').toArray()).toHaveLength(0)
  })
})

test('a tick deletes expired rows', async () => {
  const stub = env.HOME.get(env.HOME.newUniqueId())
  await runInDurableObject(stub, async (home, { storage: { sql } }) => {
    sql.exec("INSERT INTO ticket (hash, share_id, expires_at) VALUES ('a', 'b', 1)")
    await home.tick(Date.now())
    expect(sql.exec('SELECT * FROM ticket').toArray()).toEqual([])
  })
})
