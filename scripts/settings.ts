import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { readPublicStatus } from '../worker/config.ts'

/** Every variable that the Worker reads (docs/configuration.md). */
export const VARIABLES = [
  'RUNTIME',
  'OLLAMA_URL',
  'OLLAMA_MODELS',
  'OLLAMA_AUTHORIZATION',
  'CF_ACCESS_CLIENT_ID',
  'CF_ACCESS_CLIENT_SECRET',
  'OWNER_KEY_HASH',
  'ACCESS_TEAM_DOMAIN',
  'ACCESS_AUD',
  'PUBLIC_STATUS',
  'DOH_URL',
  'HANDSHAKE_URL',
  'CONTROL_URL',
  'ALLOW_CLOUD_MODELS',
  'ALLOW_MODEL_ADMIN',
  'LOG_REQUESTS',
  'GUESTS_ENABLED',
  'NTFY_URL',
  'NTFY_TOKEN',
  'WEBHOOK_URL',
  'WEBHOOK_SECRET',
  'DEADMAN_URL',
  'VAPID_PUBLIC_KEY',
  'VAPID_PRIVATE_KEY',
  'VAPID_SUBJECT',
] as const

export type Variables = Partial<Record<(typeof VARIABLES)[number], string>>

/** From the environment, else from `.dev.vars`. An empty value counts as unset. */
export function readVariables(env: NodeJS.ProcessEnv, file = '.dev.vars'): Variables {
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  return Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = env[name]?.trim() || fromFile[name]?.trim()
      return value ? [[name, value]] : []
    }),
  )
}

/** Warnings about invalid values, which all fall back to the closed side. The values are not printed: one may be a secret. */
export function warningsAbout({ PUBLIC_STATUS, OWNER_KEY_HASH, RUNTIME }: Variables): string[] {
  const hasInvalidRuntime = RUNTIME !== undefined && RUNTIME !== 'local' && RUNTIME !== 'deployed'
  const hasInvalidStatus = PUBLIC_STATUS !== undefined && readPublicStatus(PUBLIC_STATUS) === null
  return [
    hasInvalidRuntime
      ? 'RUNTIME is neither local nor deployed, so this server runs as a local one.'
      : null,
    hasInvalidStatus
      ? 'PUBLIC_STATUS is none of cause, state and off, so strangers see nothing (off).'
      : null,
    OWNER_KEY_HASH === undefined || /^[0-9a-f]{64}$/i.test(OWNER_KEY_HASH)
      ? null
      : 'OWNER_KEY_HASH is not the hex SHA-256 of a key (64 digits), so no key matches it. Create one: npm run setup',
  ].filter((warning) => warning !== null)
}
