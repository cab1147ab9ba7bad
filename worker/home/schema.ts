/** Steps that bring the database from any earlier version to the newest. Append only. */
const STEPS = [
  `CREATE TABLE home (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     origin TEXT NOT NULL,
     verdict TEXT NOT NULL,
     checked_at INTEGER NOT NULL,
     since INTEGER NOT NULL,
     seen_at INTEGER,
     seen_version TEXT,
     seen_models TEXT
   )`,
  `CREATE TABLE run (
     id TEXT PRIMARY KEY,
     state TEXT NOT NULL,
     model TEXT NOT NULL,
     title TEXT NOT NULL,
     recipe TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     ended_at INTEGER,
     receipt TEXT,
     failure TEXT,
     answer TEXT,
     bytes INTEGER NOT NULL
   );
   CREATE INDEX run_unended ON run (id) WHERE ended_at IS NULL;
   CREATE TABLE run_event (
     run_id TEXT NOT NULL,
     last INTEGER NOT NULL,
     frames TEXT NOT NULL,
     PRIMARY KEY (run_id, last)
   ) WITHOUT ROWID`,
  `CREATE TABLE run_image (
     run_id TEXT NOT NULL,
     image INTEGER NOT NULL,
     part INTEGER NOT NULL,
     base64 TEXT NOT NULL,
     PRIMARY KEY (run_id, image, part)
   ) WITHOUT ROWID`,
] as const

/** Runs what is missing. Times in the tables are milliseconds since 1970. */
export function migrate(sql: SqlStorage) {
  sql.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)')
  const [row] = sql.exec<{ version: number }>('SELECT version FROM schema_version').toArray()
  const version = row?.version ?? 0
  for (const step of STEPS.slice(version)) sql.exec(step)
  if (version === STEPS.length) return
  sql.exec('DELETE FROM schema_version')
  sql.exec('INSERT INTO schema_version (version) VALUES (?)', STEPS.length)
}
