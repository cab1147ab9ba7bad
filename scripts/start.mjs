// `npm start` on a machine with any Node >= 20: installs what is missing, then goes on under the project's own Node.
import { handOver, install, isOwnNodeNeeded } from './install.mjs'

await install()
if (isOwnNodeNeeded()) handOver('scripts/serve.ts')
else await import('./serve.ts')
