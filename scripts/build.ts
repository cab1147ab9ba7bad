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

export type Report = (text: string) => void

/** What workerd runs. No later build touches its folder while a server uses it. */
export interface Bundle {
  script: string
  assets: string
  /** The options of `wrangler.toml`, read at build time: reading them at every start takes 1.4 s. */
  options: string
}

/** Builds page and Worker if a source changed since the last build. Throws the tool's own output if the build fails. */
export async function buildIfChanged(report: Report, signal?: AbortSignal): Promise<Bundle> {
  const wanted = fingerprint()
  const built = openBundle(wanted) ?? (await buildAlone(wanted, report, signal))
  // A source that changed during the build may or may not be in it.
  return fingerprint() === wanted ? built : buildIfChanged(report, signal)
}

/** The same for a deployment and for `npm run dev`, which read SvelteKit's output folder. */
export async function buildPage(report: Report, signal?: AbortSignal) {
  if (!existsSync(PAGE_STAMP) || readFileSync(PAGE_STAMP, 'utf8') !== fingerprint()) {
    await buildAlone(fingerprint(), report, signal, true)
  }
}

async function buildAlone(
  wanted: string,
  report: Report,
  signal?: AbortSignal,
  needsPage = false,
): Promise<Bundle> {
  const lock = await waitForLock(report, signal)
  try {
    const built = needsPage ? null : openBundle(wanted)
    if (built) return built
    report('Building page and Worker …')
    await build(wanted, signal)
    removeUnused()
    const bundle = openBundle(wanted)
    if (!bundle)
      throw new Error(`The new bundle disappeared from ${BUNDLES}. Start again to build it again.`)
    return bundle
  } finally {
    lock.release()
  }
}

async function waitForLock(report: Report, signal?: AbortSignal) {
  mkdirSync(BUNDLES, { recursive: true })
  let lock = takeLock(BUILD_LOCK)
  if (!lock) report('Another Porchlight is building; waiting for it …')
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
  // Loaded only here: it is slow, and a start without a build does not need it.
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler')
  const { workerOptions } = unstable_getMiniflareWorkerOptions('wrangler.toml')
  const { modulesRules: _, ...rest } = workerOptions
  return rest
}

/** Marks the bundle as in use until this process ends. `null`: it is not built, or is being removed. */
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

/** The caller holds the build lock, so a bundle that no server uses is left over. */
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
    // Another process is removing it.
    return null
  }
}

if (process.argv[1]?.endsWith('build.ts')) await buildPage(console.log)
