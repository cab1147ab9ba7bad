import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { qrFor } from './qr.ts'
import { readVariables } from './settings.ts'
import { binOf } from './tool.ts'

const KEY_BYTES = 32
const NAME = 'OWNER_KEY_HASH'
const FILE = '.dev.vars'
const ENVIRONMENTS = ['staging', 'production']

/** Where the hash of the owner key is stored. */
interface KeyStore {
  name: string
  hasKey: () => boolean
  store: (hash: string) => void
  /** What to do after this, in one sentence. */
  next: string
}

const say = (text: string) => process.stdout.write(`${text}\n`)

async function setUp() {
  const { env, yes } = readArguments()
  const keyStore = env === undefined ? thisMachine : deployment(env)
  if (keyStore.hasKey() && !(await confirmsReplacement(keyStore, yes))) {
    throw new Error('Nothing was changed. The old owner key is still valid.')
  }
  const key = randomBytes(KEY_BYTES).toString('base64url')
  // Stored before it is shown: a key that is shown must work.
  keyStore.store(createHash('sha256').update(key).digest('hex'))
  say(
    `\nYour owner key. It is shown only this once and stored nowhere, so save it in your password manager.\n\n  ${key}\n`,
  )
  say(qrFor(key, process.stdout.isTTY))
  say(`\nIts SHA-256 is in ${keyStore.name}. ${keyStore.next}`)
}

interface Arguments {
  env: string | undefined
  yes: boolean
}

function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: { env: { type: 'string' }, yes: { type: 'boolean', default: false } },
    })
    if (values.env === undefined || ENVIRONMENTS.includes(values.env))
      return { env: values.env, yes: values.yes }
  } catch {
    // The usage sentence below helps in every case.
  }
  throw new Error(
    'Usage: npm run setup creates an owner key for this machine; npm run setup -- --env production (or staging) creates one for a deployment. --yes replaces an existing key without asking.',
  )
}

async function confirmsReplacement({ name }: KeyStore, isSure: boolean): Promise<boolean> {
  say(`There is already an owner key (${name}). A new one signs out every device immediately.`)
  if (isSure) return true
  if (!process.stdin.isTTY)
    throw new Error('Nothing was changed. To replace it: npm run setup -- --yes')
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await prompt.question('Replace it? Type yes: ')
  prompt.close()
  return answer.trim().toLowerCase() === 'yes'
}

const thisMachine: KeyStore = {
  name: FILE,
  hasKey: () => readVariables(process.env)[NAME] !== undefined,
  store: (hash) => {
    if (process.env[NAME]?.trim())
      throw new Error(`${NAME} is set in the environment, which overrides ${FILE}. Unset it first.`)
    const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''
    writeFileSync(FILE, withLine(before, `${NAME}=${hash}`), { mode: 0o600 })
    chmodSync(FILE, 0o600)
  },
  next: 'Restart Porchlight: npm start prints a link that signs you in. In any other browser, sign in with the key.',
}

/** Replaces the line that sets the same name; every other line stays as it is. */
function withLine(text: string, line: string): string {
  const others = text
    .split('\n')
    .filter((one) => !new RegExp(`^\\s*(export\\s+)?${NAME}\\s*=`).test(one))
  while (others.at(-1) === '') others.pop()
  return `${[...others, line].join('\n')}\n`
}

const deployment = (env: string): KeyStore => ({
  name: `the secrets of ${env}`,
  hasKey: () => {
    const { output, isDone } = wrangler(['secret', 'list', '--env', env])
    // Nothing is deployed yet, so there is no secret either.
    if (!isDone && !/10007|does not exist/i.test(output))
      throw new Error(explainFailure(output, env))
    return isDone && output.includes(`"${NAME}"`)
  },
  store: (hash) => {
    const { output, isDone } = wrangler(['secret', 'put', NAME, '--env', env], hash)
    if (!isDone) throw new Error(explainFailure(output, env))
  },
  next: 'It is valid from now on. Open the page and sign in with the key.',
})

function wrangler(args: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binOf('wrangler'), ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' },
  })
  return { isDone: status === 0, output: `${stdout}${stderr}` }
}

function explainFailure(output: string, env: string): string {
  if (/CLOUDFLARE_API_TOKEN|not (logged in|authenticated)|wrangler login|code: 10000/i.test(output))
    return `Wrangler is not signed in to Cloudflare, so nothing was changed. Run npx wrangler login (or set CLOUDFLARE_API_TOKEN), then run this again: npm run setup -- --env ${env}`
  return `Wrangler failed, so nothing was changed. Its output:\n${output.trim()}`
}

try {
  await setUp()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
