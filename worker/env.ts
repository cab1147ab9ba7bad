import type { Home } from './home/index.ts'

/** What the platform binds: wrangler.toml, secrets, `.dev.vars`. Read by `readConfig` alone. */
export interface Env {
  HOME: DurableObjectNamespace<Home>
  ASSETS: Fetcher
  RUNTIME?: string
  OLLAMA_URL?: string
  OLLAMA_MODELS?: string
  OLLAMA_AUTHORIZATION?: string
  CF_ACCESS_CLIENT_ID?: string
  CF_ACCESS_CLIENT_SECRET?: string
  OWNER_KEY_HASH?: string
  PUBLIC_STATUS?: string
  DOH_URL?: string
  DEMO?: string
}
