// `npm run dev`: the page with hot reload, the API in workerd, and the simulator as the home.
import { handOver, install, isOwnNodeNeeded } from './install.mjs'

await install()
if (isOwnNodeNeeded()) handOver('scripts/develop.ts')
else await import('./develop.ts')
