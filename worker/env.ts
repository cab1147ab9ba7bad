import type { Variables } from './config.ts'
import type { Home } from './home/index.ts'

/** The bindings of wrangler.toml, the secrets and `.dev.vars`. Only `readConfig` reads the variables. */
export interface Env extends Variables {
  HOME: DurableObjectNamespace<Home>
  ASSETS: Fetcher
}
