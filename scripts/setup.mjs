// `npm run setup`: creates the owner key, under any Node >= 20.
import { handOver, install, isOwnNodeNeeded } from './install.mjs'

await install()
if (isOwnNodeNeeded()) handOver('scripts/setup.ts')
else await import('./setup.ts')
