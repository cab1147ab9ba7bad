// `npm test`: everything, in the order in which a failure is cheapest to see. Plain JavaScript, for any Node >= 20.
import { spawnSync } from 'node:child_process'
import { delimiter, resolve } from 'node:path'
import { install, ownNode } from './install.mjs'

await install()
const path = [resolve('node_modules/node/bin'), resolve('node_modules/.bin'), process.env.PATH].join(delimiter)
const env = { ...process.env, PATH: path, WRANGLER_SEND_METRICS: 'false' }

const STEPS = [
  ['types', 'npm', ['run', '--silent', 'check']],
  ['lint', 'npm', ['run', '--silent', 'lint']],
  ['unit tests', 'npm', ['run', '--silent', 'test:unit']],
  ['build', resolve(ownNode), ['scripts/build.ts']],
  ['worker tests', 'npm', ['run', '--silent', 'test:worker']],
  ['start and stop', 'npm', ['run', '--silent', 'test:start']],
  ['real programs, found', process.execPath, ['scripts/programs.mjs']],
  ['real programs', 'npm', ['run', '--silent', 'test:real']],
  ['browser tests', 'npm', ['run', '--silent', 'test:e2e']],
]

for (const [name, tool, args] of STEPS) {
  const startedAt = Date.now()
  process.stdout.write(`\n— ${name}\n`)
  const { status } = spawnSync(tool, args, { stdio: 'inherit', env, shell: process.platform === 'win32' })
  if (status !== 0) {
    process.stderr.write(`\n${name}: failed. Everything after it was not run.\n`)
    process.exit(1)
  }
  process.stdout.write(`— ${name}: passed in ${Math.round((Date.now() - startedAt) / 1000)} s\n`)
}
process.stdout.write('\nEverything passed.\n')
