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
  `ALTER TABLE run ADD COLUMN lane TEXT NOT NULL DEFAULT 'owner';
   ALTER TABLE run ADD COLUMN starter TEXT NOT NULL DEFAULT 'owner'`,
  `CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE session (
     id TEXT PRIMARY KEY,
     hash TEXT NOT NULL UNIQUE,
     fingerprint TEXT NOT NULL,
     device TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     seen_at INTEGER NOT NULL,
     key_at INTEGER
   );
   CREATE TABLE token (
     id TEXT PRIMARY KEY,
     hash TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     scopes TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     used_at INTEGER,
     deep_at INTEGER
   );
   CREATE TABLE sign_in_code (
     hash TEXT PRIMARY KEY,
     expires_at INTEGER NOT NULL,
     used_at INTEGER
   );
   CREATE TABLE wrong_try (
     source TEXT PRIMARY KEY,
     count INTEGER NOT NULL,
     last_at INTEGER NOT NULL
   )`,
  `CREATE TABLE model_load (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     origin TEXT NOT NULL,
     model TEXT NOT NULL,
     digest TEXT,
     size INTEGER,
     ms INTEGER NOT NULL,
     is_whole INTEGER NOT NULL
   )`,
  `CREATE TABLE share (
     id TEXT PRIMARY KEY,
     hash TEXT NOT NULL,
     title TEXT NOT NULL,
     label TEXT NOT NULL,
     view TEXT NOT NULL,
     template TEXT,
     show TEXT NOT NULL,
     pass TEXT,
     runs_max INTEGER NOT NULL,
     runs_used INTEGER NOT NULL DEFAULT 0,
     created_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     revoked_at INTEGER,
     opened_at INTEGER,
     opens INTEGER NOT NULL DEFAULT 0
   );
   CREATE TABLE ticket (
     hash TEXT PRIMARY KEY,
     share_id TEXT NOT NULL,
     expires_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE guest_run (
     run_id TEXT PRIMARY KEY,
     share_id TEXT NOT NULL,
     click TEXT NOT NULL,
     is_refunded INTEGER NOT NULL DEFAULT 0,
     UNIQUE (share_id, click)
   ) WITHOUT ROWID;
   CREATE TABLE knock (
     door TEXT PRIMARY KEY,
     count INTEGER NOT NULL,
     since INTEGER NOT NULL
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
