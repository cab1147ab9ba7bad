// `npm run dev`: the page with hot reload, the API in workerd, the simulator as home.
import { spawn } from 'node:child_process'
import { install, isOwnNodeNeeded, ownNode } from './install.mjs'

install()
if (isOwnNodeNeeded()) {
  const child = spawn(ownNode, ['scripts/develop.ts', ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
} else {
  await import('./develop.ts')
}
