import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** Every variable that the Worker reads (docs/configuration.md). */
export const VARIABLES = [
  'OLLAMA_URL', 'OLLAMA_MODELS', 'OLLAMA_AUTHORIZATION', 'CF_ACCESS_CLIENT_ID', 'CF_ACCESS_CLIENT_SECRET', 'OWNER_KEY_HASH', 'PUBLIC_STATUS', 'DOH_URL', 'HANDSHAKE_URL', 'CONTROL_URL',
] as const // prettier-ignore

export type Variables = Partial<Record<(typeof VARIABLES)[number], string>>

/** From the environment, else from `.dev.vars`. Empty is the same as not given. */
export function readVariables(env: NodeJS.ProcessEnv, file = '.dev.vars'): Variables {
  const kept = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  return Object.fromEntries(
    VARIABLES.flatMap((name) => {
      const value = env[name]?.trim() || kept[name]?.trim()
      return value ? [[name, value]] : []
    }),
  )
}
