import type { Variables } from './config.ts'
import type { Home } from './home/index.ts'

/** What the platform binds: wrangler.toml, secrets, `.dev.vars`. Read by `readConfig` alone. */
export interface Env extends Variables {
  HOME: DurableObjectNamespace<Home>
  ASSETS: Fetcher
}
