import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const OUT = '.svelte-kit/bundle'
const STAMP = `${OUT}/stamp`
const SOURCES = [
  'src',
  'static',
  'worker',
  'svelte.config.js',
  'vite.config.ts',
  'wrangler.toml',
  '_headers',
  'package-lock.json',
]

/** The bundle that workerd runs, and its options as `wrangler.toml` gives them (reading those at start would take 1.4 s). */
export const BUNDLE = { script: `${OUT}/index.js`, options: `${OUT}/options.json` } as const

/** Builds page and Worker if a source changed since the last build. Throws with the tool's own words when it cannot. */
export async function buildIfChanged(say: (text: string) => void) {
  const wanted = fingerprint()
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  say('Building page and Worker …')
  run('vite', ['build'])
  run('wrangler', ['deploy', '--dry-run', '--outdir', OUT])
  mkdirSync(OUT, { recursive: true })
  writeFileSync(BUNDLE.options, JSON.stringify(await readWranglerOptions()))
  writeFileSync(STAMP, wanted)
}

async function readWranglerOptions() {
  // Loaded here alone: it is slow, and a second start does without it.
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler')
  const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml')
  const { modulesRules: _, ...rest } = workerOptions
  return rest
}

function fingerprint(): string {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(filesUnder).sort())
    hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return /\.test\.ts$/.test(path) ? [] : [path]
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)))
}

function run(tool: string, args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [binOf(tool), ...args], {
    encoding: 'utf8',
    env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1', CI: '1' },
  })
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')} failed:\n${stdout}\n${stderr}`)
}

/** The script behind a tool's command: run by this Node, whatever Node the PATH has. */
export function binOf(tool: string): string {
  const { bin } = JSON.parse(readFileSync(`node_modules/${tool}/package.json`, 'utf8')) as {
    bin: string | Record<string, string>
  }
  const script = typeof bin === 'string' ? bin : bin[tool]
  if (script === undefined) throw new Error(`${tool} has no command of its own name`)
  return join('node_modules', tool, script)
}

if (process.argv[1]?.endsWith('build.ts')) await buildIfChanged(console.log)
