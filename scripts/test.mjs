// `npm test`: everything, in the order in which a failure is cheapest to see. Plain JavaScript, for any Node >= 20.
import { spawn } from 'node:child_process'
import { delimiter, resolve } from 'node:path'
import { install, ownNode } from './install.mjs'

await install()
const path = [
  resolve('node_modules/node/bin'),
  resolve('node_modules/.bin'),
  process.env.PATH,
].join(delimiter)
const env = { ...process.env, PATH: path, WRANGLER_SEND_METRICS: 'false' }

/** What stands together runs together: it mostly waits, or keeps one core busy. */
const STEPS = [
  [
    ['types', 'npm', ['run', '--silent', 'check']],
    ['lint', 'npm', ['run', '--silent', 'lint']],
  ],
  [['unit tests', 'npm', ['run', '--silent', 'test:unit']]],
  [['build', resolve(ownNode), ['scripts/build.ts']]],
  [
    ['worker tests', 'npm', ['run', '--silent', 'test:worker']],
    ['start and stop', 'npm', ['run', '--silent', 'test:start']],
  ],
  [['real programs, found', process.execPath, ['scripts/programs.mjs']]],
  [['real programs', 'npm', ['run', '--silent', 'test:real']]],
  [['browser tests', 'npm', ['run', '--silent', 'test:e2e']]],
]

/** Alone it speaks as it goes; beside another one it is heard at its end. */
function run([name, tool, args], isAlone) {
  const startedAt = Date.now()
  const stdio = isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe']
  const child = spawn(tool, args, { stdio, env, shell: process.platform === 'win32' })
  const said = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(chunk))
  return new Promise((done) => {
    child.once('error', () => done(1))
    child.once('close', (code) => {
      process.stdout.write(Buffer.concat(said))
      const seconds = Math.round((Date.now() - startedAt) / 1000)
      if (code === 0) process.stdout.write(`— ${name}: passed in ${seconds} s\n`)
      else process.stderr.write(`\n${name}: failed. What comes after it was not run.\n`)
      done(code ?? 1)
    })
  })
}

for (const group of STEPS) {
  process.stdout.write(`\n— ${group.map(([name]) => name).join(', ')}\n`)
  const codes = await Promise.all(group.map((step) => run(step, group.length === 1)))
  if (codes.some((code) => code !== 0)) process.exit(1)
}
process.stdout.write('\nEverything passed.\n')
