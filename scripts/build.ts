import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprint } from './fingerprint.ts'
import { takeLock } from './lock.ts'
import { runTool } from './tool.ts'

const BUNDLES = '.svelte-kit/bundle'
/** Where SvelteKit writes, and where a deployment reads. */
const PAGE = '.svelte-kit/cloudflare'
const PAGE_STAMP = '.svelte-kit/built'
const BUILD_LOCK = '.svelte-kit/build.lock'
const IN_USE = 'in-use'

export type Say = (text: string) => void

/** What workerd runs: in a folder that no later build touches while a server serves from it. */
export interface Bundle {
  script: string
  assets: string
  /** The options as `wrangler.toml` gives them: reading those at start would take 1.4 s. */
  options: string
}

/** Builds page and Worker if a source changed since the last build. Throws with the tool's own words when it cannot. */
export async function buildIfChanged(say: Say, signal?: AbortSignal): Promise<Bundle> {
  const wanted = fingerprint()
  const built = openBundle(wanted) ?? (await buildAlone(wanted, say, signal))
  // A source that changed in the middle may be in it or not.
  return fingerprint() === wanted ? built : buildIfChanged(say, signal)
}

/** The same for who reads what SvelteKit wrote: a deployment, and `npm run dev`. */
export async function buildPage(say: Say, signal?: AbortSignal) {
  if (!existsSync(PAGE_STAMP) || readFileSync(PAGE_STAMP, 'utf8') !== fingerprint()) {
    await buildAlone(fingerprint(), say, signal, true)
  }
}

async function buildAlone(
  wanted: string,
  say: Say,
  signal?: AbortSignal,
  needsPage = false,
): Promise<Bundle> {
  const lock = await waitForLock(say, signal)
  try {
    const built = needsPage ? null : openBundle(wanted)
    if (built) return built
    say('Building page and Worker …')
    await build(wanted, signal)
    removeUnused()
    const bundle = openBundle(wanted)
    if (!bundle) throw new Error(`the bundle in ${BUNDLES} is gone as soon as it was built.`)
    return bundle
  } finally {
    lock.release()
  }
}

async function waitForLock(say: Say, signal?: AbortSignal) {
  mkdirSync(BUNDLES, { recursive: true })
  let lock = takeLock(BUILD_LOCK)
  if (!lock) say('Another Porchlight builds at this moment; waiting for it …')
  for (; !lock; lock = takeLock(BUILD_LOCK)) await sleep(200, undefined, { signal })
  return lock
}

async function build(name: string, signal?: AbortSignal) {
  const draft = join(BUNDLES, `${name}.new`)
  rmSync(draft, { recursive: true, force: true })
  rmSync(PAGE_STAMP, { force: true })
  await runTool('vite', ['build'], signal)
  await runTool('wrangler', ['deploy', '--dry-run', '--outdir', draft], signal)
  writeFileSync(join(draft, 'options.json'), JSON.stringify(await readWranglerOptions()))
  cpSync(PAGE, join(draft, 'assets'), { recursive: true })
  writeFileSync(PAGE_STAMP, name)
  if (!existsSync(join(BUNDLES, name))) renameSync(draft, join(BUNDLES, name))
}

async function readWranglerOptions() {
  // Loaded here alone: it is slow, and a second start does without it.
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler')
  const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml')
  const { modulesRules: _, ...rest } = workerOptions
  return rest
}

/** In use until this process ends. `null`: not built, or being removed. */
function openBundle(name: string): Bundle | null {
  const folder = resolve(BUNDLES, name)
  const bundle = {
    script: join(folder, 'index.js'),
    assets: join(folder, 'assets'),
    options: join(folder, 'options.json'),
  }
  return existsSync(folder) && lockFolder(folder, 'shared') && existsSync(bundle.script)
    ? bundle
    : null
}

/** Whoever takes the build lock is alone here, so what nobody serves from is left over. */
function removeUnused() {
  const isNewest = (name: string) => name === readFileSync(PAGE_STAMP, 'utf8')
  for (const name of readdirSync(BUNDLES)) {
    const folder = join(BUNDLES, name)
    const lock = isNewest(name) ? null : lockFolder(folder, 'alone')
    if (!lock) continue
    rmSync(folder, { recursive: true, force: true })
    lock.release()
  }
}

function lockFolder(folder: string, kind: 'alone' | 'shared') {
  try {
    return takeLock(join(folder, IN_USE), kind)
  } catch {
    // Somebody removes it at this moment.
    return null
  }
}

if (process.argv[1]?.endsWith('build.ts')) await buildPage(console.log)
