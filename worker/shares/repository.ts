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
import { DAY_MS, iso } from '../time.ts'

const INFO_COLUMNS =
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

type Row = InfoRow & { hash: string; view: string; template: string | null }

export interface ShareContent {
  id: string
  /** The hash of the secret. */
  hash: string
  label: string
  /** What guests see. */
  runs: SharedRun[]
  /** The recipes that guests can run; stored only with a pass. */
  templates: Recipe[]
}

/** Shares: a copy of the runs as they were when the share was made, and the pass. */
export class ShareRepository {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  add({ id, hash, label, runs, templates }: ShareContent, request: NewShare, now: number) {
    const { title, pass, show, expiresInDays } = request
    const view = JSON.stringify(runs)
    const template = pass ? JSON.stringify(templates) : null
    this.#sql.exec(
      `INSERT INTO share (id, hash, title, label, view, template, show, pass, runs_max, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, hash, title, label, view, template, JSON.stringify(show)],
      ...[pass ? JSON.stringify(pass) : null, pass?.runs ?? 0, now, now + expiresInDays * DAY_MS],
    )
  }

  /** Newest first, with expired and revoked shares. */
  list(liveRunsOf: (id: string) => string[]): ShareInfo[] {
    return this.#sql
      .exec<InfoRow>(`SELECT ${INFO_COLUMNS} FROM share ORDER BY created_at DESC, rowid DESC`)
      .toArray()
      .map((row) => infoOf(row, liveRunsOf(row.id)))
  }

  /** `no_pass`: the share was made without a pass, so its recipes were not stored. */
  change(
    id: string,
    { expiresInDays, pass, title }: ShareChange,
    now: number,
  ): 'changed' | 'unknown' | 'no_pass' {
    const row = this.#row(id)
    if (!row || row.revoked_at !== null) return 'unknown'
    const before = passOf(row)
    if (pass && (before === null || row.template === null)) return 'no_pass'
    const after = pass === undefined ? before : pass && { ...before, ...pass }
    const expiresAt = expiresInDays === undefined ? row.expires_at : now + expiresInDays * DAY_MS
    this.#sql.exec(
      'UPDATE share SET title = ?, expires_at = ?, pass = ?, runs_max = ?, template = ? WHERE id = ?',
      ...[title ?? row.title, expiresAt, after ? JSON.stringify(after) : null],
      ...[after?.runs ?? 0, after ? row.template : null, id],
    )
    return 'changed'
  }

  /** Deletes the content at once, and keeps the row so that the owner still sees the share in the list. */
  revoke(id: string, now: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      "UPDATE share SET revoked_at = ?, view = '[]', template = NULL, title = '' WHERE id = ? AND revoked_at IS NULL",
      now,
      id,
    )
    return rowsWritten > 0
  }

  /** Looks for the secret, not the id, so that unknown, expired and revoked shares all take the same time. */
  matches(id: string, hash: string): boolean {
    return this.#sql
      .exec<{ id: string }>('SELECT id FROM share WHERE hash = ?', hash)
      .toArray()
      .some((row) => row.id === id)
  }

  /** For a guest who has shown the secret. */
  open(id: string, now: number): SharedView | 'expired' | 'revoked' {
    const row = this.#row(id)
    if (!row || row.revoked_at !== null) return 'revoked'
    if (row.expires_at <= now) return 'expired'
    this.#sql.exec('UPDATE share SET opens = opens + 1, opened_at = ? WHERE id = ?', now, id)
    return viewOf(row)
  }

  /** The public title. Does not write anything. */
  title(id: string, now: number): string {
    const [row] = this.#sql
      .exec<{ title: string }>(
        'SELECT title FROM share WHERE id = ? AND revoked_at IS NULL AND expires_at > ?',
        id,
        now,
      )
      .toArray()
    return row?.title ?? ''
  }

  /** What a guest needs to run the recipe at `index`; `null` without a pass. */
  passFor(id: string, index: number): { recipe: Recipe; pass: Pass } | null {
    const row = this.#row(id)
    const pass = row && passOf(row)
    const recipe = row?.template ? (JSON.parse(row.template) as Recipe[])[index] : undefined
    return pass && recipe ? { recipe, pass } : null
  }

  runsLeft(id: string): number {
    const row = this.#row(id)
    return (row && passLeft(row)?.runsLeft) ?? 0
  }

  #row(id: string): Row | null {
    return this.#sql.exec<Row>('SELECT * FROM share WHERE id = ?', id).toArray()[0] ?? null
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
  id: row.id,
  title: row.title,
  label: row.label,
  opens: row.opens,
  live,
  createdAt: iso(row.created_at),
  expiresAt: iso(row.expires_at),
  revokedAt: row.revoked_at === null ? null : iso(row.revoked_at),
  openedAt: row.opened_at === null ? null : iso(row.opened_at),
  show: JSON.parse(row.show) as Show,
  pass: passLeft(row),
})
