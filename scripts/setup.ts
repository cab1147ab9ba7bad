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

/** Where the hash of a key is kept. */
interface Place {
  said: string
  isTaken: () => boolean
  keep: (hash: string) => void
  next: string
}

const say = (text: string) => process.stdout.write(`${text}\n`)

async function setUp() {
  const { env, yes } = readArguments()
  const place = env === undefined ? thisMachine : deployment(env)
  if (place.isTaken() && !(await wantsAnother(place, yes))) {
    throw new Error('Nothing was changed: the owner key is the one it was.')
  }
  const key = randomBytes(KEY_BYTES).toString('base64url')
  // Kept first: a key that is shown must be one that opens.
  place.keep(createHash('sha256').update(key).digest('hex'))
  say(
    `\nThe owner key. It is shown this once and kept nowhere; put it into your password manager.\n\n  ${key}\n`,
  )
  say(qrFor(key, process.stdout.isTTY))
  say(`\nIts SHA-256 is in ${place.said}. ${place.next}`)
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
    // Whatever was wrong, the same sentence helps.
  }
  throw new Error(
    'npm run setup makes a key for this machine; npm run setup -- --env production (or staging) for a deployment. --yes replaces a key without asking.',
  )
}

async function wantsAnother({ said }: Place, isSure: boolean): Promise<boolean> {
  say(`There is an owner key already (${said}). Another one signs out every device, at once.`)
  if (isSure) return true
  if (!process.stdin.isTTY)
    throw new Error('Nothing was changed. To replace it: npm run setup -- --yes')
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await prompt.question('Replace it? Type yes: ')
  prompt.close()
  return answer.trim().toLowerCase() === 'yes'
}

const thisMachine: Place = {
  said: FILE,
  isTaken: () => readVariables(process.env)[NAME] !== undefined,
  keep: (hash) => {
    if (process.env[NAME]?.trim())
      throw new Error(
        `${NAME} is set in the environment, which wins over ${FILE}. Unset it there first.`,
      )
    const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''
    writeFileSync(FILE, withLine(before, `${NAME}=${hash}`), { mode: 0o600 })
    chmodSync(FILE, 0o600)
  },
  next: 'Start Porchlight anew: npm start prints a link that signs you in. The key opens it from any other browser.',
}

/** The line in the place of the one that sets the same name; everything else stays as the person wrote it. */
function withLine(text: string, line: string): string {
  const others = text
    .split('\n')
    .filter((one) => !new RegExp(`^\\s*(export\\s+)?${NAME}\\s*=`).test(one))
  while (others.at(-1) === '') others.pop()
  return `${[...others, line].join('\n')}\n`
}

const deployment = (env: string): Place => ({
  said: `the secrets of ${env}`,
  isTaken: () => {
    const { words, isDone } = wrangler(['secret', 'list', '--env', env])
    // Nothing is deployed yet: then there is no secret either.
    if (!isDone && !/10007|does not exist/i.test(words)) throw new Error(troubleOf(words, env))
    return isDone && words.includes(`"${NAME}"`)
  },
  keep: (hash) => {
    const { words, isDone } = wrangler(['secret', 'put', NAME, '--env', env], hash)
    if (!isDone) throw new Error(troubleOf(words, env))
  },
  next: 'It counts from now on. Open the page and sign in with the key.',
})

function wrangler(args: string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binOf('wrangler'), ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' },
  })
  return { isDone: status === 0, words: `${stdout}${stderr}` }
}

function troubleOf(words: string, env: string): string {
  if (/CLOUDFLARE_API_TOKEN|not (logged in|authenticated)|wrangler login|code: 10000/i.test(words))
    return `Wrangler is not signed in to Cloudflare, so nothing was changed. Run npx wrangler login (or set CLOUDFLARE_API_TOKEN), then again: npm run setup -- --env ${env}`
  return `Wrangler could not do it, so nothing was changed. It says:\n${words.trim()}`
}

try {
  await setUp()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
