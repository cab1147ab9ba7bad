// `npm test`: every check. Plain JavaScript, because any Node >= 20 must be able to run it.
import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'
import { delimiter, resolve } from 'node:path'
import { install } from './install.mjs'

/** @typedef {[name: string, command: string]} Step */

/**
 * The lanes of a stage run at the same time, the steps of a lane one after the other. Tests of the first stage mostly wait
 * for timeouts, so they share it with the checks that compute, which give way to them. Browser tests need both cores.
 * @type {readonly (readonly (readonly Step[])[])[]}
 */
const STAGES = [
  [[['build', 'npm run --silent build']]],
  [
    [
      ['types', 'npm run --silent check'],
      ['lint', 'npm run --silent lint'],
      ['unit tests', 'npm run --silent test:unit'],
    ],
    [
      ['worker tests, first half', 'vitest run --project worker --shard=1/2'],
      ['whole programs', 'npm run --silent test:start'],
    ],
    [
      ['worker tests, second half', 'vitest run --project worker --shard=2/2'],
      ['worker tests with an owner key', 'vitest run --project owned'],
    ],
  ],
  [
    [['browser tests', 'npm run --silent test:e2e']],
    [
      ['real programs: installation', 'node scripts/programs.mjs'],
      ['real programs', 'npm run --silent test:real'],
    ],
  ],
]
/** Steps without timeouts of their own. */
const PATIENT = new Set(['types', 'lint', 'unit tests'])
const LOW_PRIORITY = 10

await install()
const path = [
  resolve('node_modules/node/bin'),
  resolve('node_modules/.bin'),
  process.env.PATH,
].join(delimiter)
const env = { ...process.env, PATH: path, WRANGLER_SEND_METRICS: 'false' }

/**
 * Runs a step and prints one line. Its output appears only if it fails.
 * @param {Step} step
 * @returns {Promise<boolean>} whether it passed
 */
function run([name, command]) {
  const startedAt = Date.now()
  const child = spawn(command, { shell: true, env, stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.pid && PATIENT.has(name)) setPriority(child.pid, LOW_PRIORITY)
  /** @type {Buffer[]} */
  const output = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (/** @type {Buffer} */ chunk) => output.push(chunk))
  return new Promise((done) => {
    child.once('close', (code) => {
      const seconds = Math.round((Date.now() - startedAt) / 1000)
      if (code !== 0) process.stdout.write(`\n${Buffer.concat(output).toString()}\n`)
      process.stdout.write(`${code === 0 ? '✓' : '✗'} ${name} (${seconds} s)\n`)
      done(code === 0)
    })
  })
}

let hasFailed = false

/** @param {readonly Step[]} lane */
async function runLane(lane) {
  for (const step of lane) {
    if (hasFailed) return
    if (!(await run(step))) hasFailed = true
  }
}

for (const lanes of STAGES) {
  await Promise.all(lanes.map(runLane))
  if (hasFailed) {
    process.stderr.write('\nA step failed; the steps after it did not run.\n')
    process.exit(1)
  }
}
process.stdout.write('\nEverything passed.\n')
