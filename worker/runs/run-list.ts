import type { Lane } from '../../src/lib/contract/access.ts'
import type { RunFigures, RunList, RunState, RunSummary } from '../../src/lib/contract/runs.ts'
import { iso } from '../time.ts'
import type { ListQuery, RunChoice } from './port.ts'
import { MATCHES, searchText } from './run-search.ts'

export type SummaryRow = {
  id: string
  state: RunState
  model: string
  title: string
  lane: Lane
  created_at: number
  ended_at: number | null
  figures: string | null
  failed: string | null
}

/** The columns of a summary. A list reads no output and only the figures it needs of a receipt. */
export const SUMMARY = `id, state, model, title, lane, created_at, ended_at,
  CASE WHEN receipt IS NULL THEN NULL ELSE json_object('firstMs', receipt ->> '$.ms.first', 'rate', receipt ->> '$.rate.answer',
    'tokens', receipt ->> '$.tokens.generated', 'cold', receipt -> '$.cold', 'truncated', receipt -> '$.truncated') END AS figures,
  CASE WHEN failure IS NULL THEN NULL ELSE json_object('title', failure ->> '$.title', 'cause', failure ->> '$.cause') END AS failed`

/** Newest first. */
export function listRuns(sql: SqlStorage, { limit, before, q }: ListQuery): RunList {
  // One row more than requested shows whether there is another page.
  const rows = sql
    .exec<SummaryRow>(
      `SELECT ${SUMMARY} FROM run WHERE (?2 IS NULL OR id < ?2) AND ${MATCHES} ORDER BY id DESC LIMIT ?3`,
      searchText(q),
      before ?? null,
      limit + 1,
    )
    .toArray()
  return {
    runs: rows.slice(0, limit).map(summaryOf),
    next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null,
  }
}

/** The ids of the chosen runs, newest first. */
export function chosenRuns(sql: SqlStorage, { ids, q }: RunChoice): string[] {
  const matches = sql
    .exec<{ id: string }>(`SELECT id FROM run WHERE ${MATCHES} ORDER BY id DESC`, searchText(q))
    .toArray()
  const chosen = ids && new Set(ids)
  return matches.map(({ id }) => id).filter((id) => !chosen || chosen.has(id))
}

export function summaryOf(row: SummaryRow): RunSummary {
  const { id, state, model, title, lane, created_at, ended_at, figures, failed } = row
  return {
    id,
    state,
    model,
    title,
    lane,
    createdAt: iso(created_at),
    endedAt: ended_at === null ? null : iso(ended_at),
    figures: figures === null ? null : (JSON.parse(figures) as RunFigures),
    failure: failed === null ? null : (JSON.parse(failed) as RunSummary['failure']),
  }
}
