// `npm start` under any Node >= 20: installs missing packages, then continues under the project's own Node.
import { handOver, install, isOwnNodeNeeded } from './install.mjs'

await install()
if (isOwnNodeNeeded()) handOver('scripts/serve.ts')
else await import('./serve.ts')
