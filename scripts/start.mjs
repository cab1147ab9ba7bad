// `npm start` on a machine with any Node >= 20: installs what is missing, then goes on under the project's own Node.
import { install, isOwnNodeNeeded, ownNode } from './install.mjs'
import { spawn } from 'node:child_process'

install()
if (isOwnNodeNeeded()) {
  const child = spawn(ownNode, ['scripts/serve.ts', ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
} else {
  await import('./serve.ts')
}
