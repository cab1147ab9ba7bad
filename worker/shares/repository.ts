import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type {
  NewShare,
  Pass,
  PassLeft,
  ShareChange,
  SharedRun,
  SharedView,
  ShareInfo,
  Show,
} from '../../src/lib/contract/shares.ts'
import { timesOut } from '../auth/guest-sessions.ts'
import { DAY_MS, iso } from '../time.ts'

/** Runs of a link that are given back. Each leaves its traces, and costs the home a request. */
const MOST_REFUNDS = 100

type Row = InfoRow & { hash: string; view: string; template: string | null }

/** All but what is large. */
const INFO =
  'id, title, label, show, pass, runs_max, runs_used, created_at, expires_at, revoked_at, opened_at, opens'

type InfoRow = {
  id: string
  title: string
  label: string
  show: string
  pass: string | null
  runs_max: number
  runs_used: number
  created_at: number
  expires_at: number
  revoked_at: number | null
  opened_at: number | null
  opens: number
}

export interface Added {
  id: string
  /** Of the secret. */
  hash: string
  label: string
  /** What is shown. */
  runs: SharedRun[]
  /** What a guest's run is made of; kept with a pass alone. */
  templates: Recipe[]
}

/** Shares in Home's database: what was shown when they were made, and what of their passes is left. Times in ms since 1970. */
export function sharesOf(sql: SqlStorage) {
  const rowOf = (id: string) =>
    sql.exec<Row>('SELECT * FROM share WHERE id = ?', id).toArray()[0] ?? null

  function add({ id, hash, label, runs, templates }: Added, asked: NewShare, now: number) {
    sql.exec(
      `INSERT INTO share (id, hash, title, label, view, template, show, pass, runs_max, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[
        id,
        hash,
        asked.title,
        label,
        JSON.stringify(runs),
        asked.pass ? JSON.stringify(templates) : null,
      ],
      ...[
        JSON.stringify(asked.show),
        asked.pass ? JSON.stringify(asked.pass) : null,
        asked.pass?.runs ?? 0,
      ],
      ...[now, now + asked.expiresInDays * DAY_MS],
    )
  }

  /** Newest first, also those that are over. */
  const list = (live: (id: string) => string[]): ShareInfo[] =>
    sql
      .exec<InfoRow>(`SELECT ${INFO} FROM share ORDER BY created_at DESC, rowid DESC`)
      .toArray()
      .map((row) => infoOf(row, live(row.id)))

  /** Whether there is one that is not over; `no_pass`: what a pass needs was not kept. */
  function change(
    id: string,
    { expiresInDays, pass, title }: ShareChange,
    now: number,
  ): 'changed' | 'unknown' | 'no_pass' {
    const row = rowOf(id)
    if (!row || row.revoked_at !== null) return 'unknown'
    const before = passOf(row)
    if (pass && (before === null || row.template === null)) return 'no_pass'
    const after = pass === undefined ? before : pass && { ...before, ...pass }
    sql.exec(
      'UPDATE share SET title = ?, expires_at = ?, pass = ?, runs_max = ?, template = ? WHERE id = ?',
      ...[
        title ?? row.title,
        expiresInDays === undefined ? row.expires_at : now + expiresInDays * DAY_MS,
      ],
      ...[after ? JSON.stringify(after) : null, after?.runs ?? 0, after ? row.template : null, id],
    )
    return 'changed'
  }

  /** What was shared is forgotten at once; that there was something is not, so that its owner sees it. */
  const revoke = (id: string, now: number): boolean =>
    sql.exec(
      "UPDATE share SET revoked_at = ?, view = '[]', template = NULL, title = '' WHERE id = ? AND revoked_at IS NULL",
      now,
      id,
    ).rowsWritten > 0

  /**
   * By its secret, never by its id: whatever a stranger asks for, unknown, expired or revoked, the same look finds nothing,
   * and takes as long.
   */
  const fits = (id: string, hash: string): boolean =>
    sql
      .exec<{ id: string }>('SELECT id FROM share WHERE hash = ?', hash)
      .toArray()
      .some((row) => row.id === id)

  /** Why it does not open, for whoever has the secret; else what it shows. */
  function open(id: string, now: number): SharedView | 'expired' | 'revoked' {
    const row = rowOf(id)
    if (!row || row.revoked_at !== null) return 'revoked'
    if (row.expires_at <= now) return 'expired'
    sql.exec('UPDATE share SET opens = opens + 1, opened_at = ? WHERE id = ?', now, id)
    return viewOf(row)
  }

  /** The title that its owner wrote for everybody. Reads only. */
  const title = (id: string, now: number): string =>
    sql
      .exec<{ title: string }>(
        'SELECT title FROM share WHERE id = ? AND revoked_at IS NULL AND expires_at > ?',
        id,
        now,
      )
      .toArray()[0]?.title ?? ''

  /** The recipe and the limits of a guest's run; `null`: there is no pass. */
  function pass(id: string, nth: number): { recipe: Recipe; pass: Pass } | null {
    const row = rowOf(id)
    const allowed = row && passOf(row)
    const recipe = row?.template ? (JSON.parse(row.template) as Recipe[])[nth] : undefined
    return allowed && recipe ? { recipe, pass: allowed } : null
  }

  function runsLeft(id: string): number {
    const row = rowOf(id)
    return (row && passLeft(row)?.runsLeft) ?? 0
  }

  /** One statement: however many come at once, no more pass than are left. */
  const take = (id: string, now: number): boolean =>
    sql
      .exec(
        'UPDATE share SET runs_used = runs_used + 1 WHERE id = ? AND revoked_at IS NULL AND expires_at > ? AND runs_used < runs_max RETURNING id',
        id,
        now,
      )
      .toArray().length > 0

  /** The run that this click has started already. */
  const clicked = (id: string, click: string): string | null =>
    sql
      .exec<{ run_id: string }>(
        'SELECT run_id FROM guest_run WHERE share_id = ? AND click = ?',
        id,
        click,
      )
      .toArray()[0]?.run_id ?? null

  const book = (id: string, click: string, run: string) =>
    void sql.exec(
      'INSERT INTO guest_run (run_id, share_id, click) VALUES (?, ?, ?)',
      run,
      id,
      click,
    )

  /** Once only, however often it is told; and no link begins without end what comes to nothing. */
  function refund(run: string) {
    const [row] = sql
      .exec<{ share_id: string }>(
        `UPDATE guest_run SET is_refunded = 1 WHERE run_id = ? AND is_refunded = 0 AND ? > (
           SELECT count(*) FROM guest_run AS other WHERE other.share_id = guest_run.share_id AND other.is_refunded = 1
         ) RETURNING share_id`,
        ...[run, MOST_REFUNDS],
      )
      .toArray()
    if (row)
      sql.exec(
        'UPDATE share SET runs_used = runs_used - 1 WHERE id = ? AND runs_used > 0',
        row.share_id,
      )
  }

  const runsOf = (id: string): string[] =>
    sql
      .exec<{ run_id: string }>('SELECT run_id FROM guest_run WHERE share_id = ?', id)
      .toArray()
      .map(({ run_id }) => run_id)

  const admit = (id: string, hash: string, now: number) =>
    void sql.exec(
      'INSERT INTO ticket (hash, share_id, expires_at) VALUES (?, ?, ?)',
      hash,
      id,
      timesOut(now),
    )

  return {
    fits,
    add,
    list,
    change,
    revoke,
    open,
    title,
    pass,
    runsLeft,
    take,
    clicked,
    book,
    refund,
    runsOf,
    admit,
  }
}
const passOf = ({ pass }: InfoRow) => (pass === null ? null : (JSON.parse(pass) as Pass))

function passLeft(row: InfoRow): PassLeft | null {
  const pass = passOf(row)
  return pass && { ...pass, runsLeft: Math.max(0, row.runs_max - row.runs_used) }
}

const viewOf = (row: Row): SharedView => ({
  id: row.id,
  title: row.title,
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
  runs: JSON.parse(row.view) as SharedRun[],
  pass: passLeft(row),
})

const infoOf = (row: InfoRow, live: string[]): ShareInfo => ({
  ...{ id: row.id, title: row.title, label: row.label, opens: row.opens, live },
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
  revokedAt: row.revoked_at === null ? null : iso(row.revoked_at),
  openedAt: row.opened_at === null ? null : iso(row.opened_at),
  show: JSON.parse(row.show) as Show,
  pass: passLeft(row),
})
