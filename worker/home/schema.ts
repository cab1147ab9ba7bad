/**
 * Migrations from any earlier version to the newest. Append only. Some stored names differ from the names in the code:
 * table `wrong_try`: login throttle (`source`: network) · `ticket`: guest sessions · `guest_run.click`: idempotency key ·
 * `session.fingerprint`: the hash of the owner key.
 */
const MIGRATIONS = [
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
  `CREATE TABLE alert_settings (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     instance TEXT NOT NULL,
     origin TEXT,
     vapid TEXT,
     muted_until INTEGER,
     maintenance_from INTEGER,
     maintenance_to INTEGER,
     off TEXT NOT NULL
   );
   CREATE TABLE push_device (
     id INTEGER PRIMARY KEY,
     endpoint TEXT NOT NULL UNIQUE,
     p256dh TEXT NOT NULL,
     auth TEXT NOT NULL,
     device TEXT NOT NULL,
     added_at INTEGER NOT NULL
   );
   CREATE TABLE outbox (
     incident INTEGER NOT NULL,
     target TEXT NOT NULL,
     seq INTEGER NOT NULL,
     kind TEXT NOT NULL,
     cause TEXT NOT NULL,
     since INTEGER NOT NULL,
     at INTEGER NOT NULL,
     due INTEGER,
     tries INTEGER NOT NULL DEFAULT 0,
     begun INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (incident, target)
   ) WITHOUT ROWID;
   CREATE TABLE delivery (
     id INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     channel TEXT NOT NULL,
     device TEXT,
     kind TEXT NOT NULL,
     why TEXT NOT NULL
   )`,
  `CREATE TABLE watched (
     id INTEGER PRIMARY KEY,
     origin TEXT NOT NULL UNIQUE,
     is_demo INTEGER NOT NULL,
     seen_at INTEGER NOT NULL,
     state TEXT NOT NULL,
     meter TEXT
   );
   CREATE TABLE history_minutes (
     home INTEGER NOT NULL,
     hour INTEGER NOT NULL,
     marks TEXT NOT NULL,
     ms BLOB NOT NULL,
     causes TEXT,
     PRIMARY KEY (home, hour)
   ) WITHOUT ROWID;
   CREATE TABLE history_hour (
     home INTEGER NOT NULL,
     nth INTEGER NOT NULL,
     up INTEGER NOT NULL,
     degraded INTEGER NOT NULL,
     blip INTEGER NOT NULL,
     down INTEGER NOT NULL,
     histogram BLOB NOT NULL,
     cause TEXT,
     PRIMARY KEY (home, nth)
   ) WITHOUT ROWID;
   CREATE TABLE history_day (
     home INTEGER NOT NULL,
     nth INTEGER NOT NULL,
     up INTEGER NOT NULL,
     degraded INTEGER NOT NULL,
     blip INTEGER NOT NULL,
     down INTEGER NOT NULL,
     histogram BLOB NOT NULL,
     cause TEXT,
     PRIMARY KEY (home, nth)
   ) WITHOUT ROWID;
   CREATE TABLE incident (
     home INTEGER NOT NULL,
     number INTEGER NOT NULL,
     level TEXT NOT NULL,
     rung TEXT NOT NULL,
     cause TEXT NOT NULL,
     reason TEXT NOT NULL,
     started_at INTEGER NOT NULL,
     opened_at INTEGER NOT NULL,
     ended_at INTEGER,
     flapping INTEGER NOT NULL,
     PRIMARY KEY (home, number)
   ) WITHOUT ROWID;
   CREATE TABLE incident_event (
     home INTEGER NOT NULL,
     incident INTEGER NOT NULL,
     seq INTEGER NOT NULL,
     at INTEGER NOT NULL,
     kind TEXT NOT NULL,
     level TEXT NOT NULL,
     rung TEXT NOT NULL,
     cause TEXT NOT NULL,
     reason TEXT NOT NULL,
     tell TEXT,
     PRIMARY KEY (home, incident, seq)
   ) WITHOUT ROWID;
   CREATE TABLE failure (
     home INTEGER NOT NULL,
     slot INTEGER NOT NULL,
     at INTEGER NOT NULL,
     verdict TEXT NOT NULL,
     PRIMARY KEY (home, slot)
   ) WITHOUT ROWID`,
  `ALTER TABLE run ADD COLUMN words TEXT;
   UPDATE run SET words = lower(model || char(10) || title), answer = lower(answer)`,
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
  `CREATE TABLE run_image (
     run_id TEXT NOT NULL,
     image INTEGER NOT NULL,
     part INTEGER NOT NULL,
     base64 TEXT NOT NULL,
     PRIMARY KEY (run_id, image, part)
   ) WITHOUT ROWID`,
  `CREATE UNIQUE INDEX share_hash ON share (hash);
   DROP TABLE knock`,
  `ALTER TABLE token ADD COLUMN limits TEXT NOT NULL DEFAULT '{"requestsPerMinute":6000,"atOnce":50,"tokensPerDay":100000000}';
   ALTER TABLE token ADD COLUMN day TEXT;
   ALTER TABLE token ADD COLUMN tokens INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE history_hour ADD COLUMN maintenance INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE history_day ADD COLUMN maintenance INTEGER NOT NULL DEFAULT 0`,
] as const

/** Runs the missing migrations. Times in the tables are in ms since 1970. */
export function migrate(sql: SqlStorage) {
  sql.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)')
  const [row] = sql.exec<{ version: number }>('SELECT version FROM schema_version').toArray()
  const version = row?.version ?? 0
  for (const migration of MIGRATIONS.slice(version)) sql.exec(migration)
  if (version === MIGRATIONS.length) return
  sql.exec('DELETE FROM schema_version')
  sql.exec('INSERT INTO schema_version (version) VALUES (?)', MIGRATIONS.length)
}
