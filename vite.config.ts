import { createHash } from 'node:crypto'
import { sveltekit } from '@sveltejs/kit/vite'
import { build, defineConfig, type Plugin, type Rolldown } from 'vite'

// In development the API runs in `wrangler dev` beside Vite (scripts/develop.ts).
const api = process.env.PORCHLIGHT_API
const forwarded = api
  ? Object.fromEntries(['/api', '/v1', '/healthz'].map((path) => [path, { target: api }]))
  : {}

// On a slow connection twenty small files take longer than their bytes, so the code that most pages need is one file.
const groups = [
  {
    name: 'runtime',
    test: /node_modules[\\/](svelte|@sveltejs|esm-env|clsx|hono)[\\/]|preload-helper|rolldown/,
    tags: ['$initial' as const],
  },
  {
    name: 'shared',
    test: /[\\/]src[\\/].*(?<!\.css)$/,
    minShareCount: 3,
    tags: ['$initial' as const],
  },
]

const STATUS_SCRIPT = 'virtual:status-script'
const VERSION_LETTERS = 12

/** The script of /status, in one file: that page loads nothing of SvelteKit. */
const statusScript = (): Plugin => ({
  name: 'status-script',
  resolveId: (id) => (id === STATUS_SCRIPT ? `\0${id}` : null),
  async load(id) {
    if (id !== `\0${STATUS_SCRIPT}`) return null
    const { code, moduleIds } = await buildStatusScript()
    for (const file of moduleIds) this.addWatchFile(file)
    const version = createHash('sha256').update(code).digest('hex').slice(0, VERSION_LETTERS)
    return `export const code = ${JSON.stringify(code)}, version = '${version}'`
  },
})

async function buildStatusScript(): Promise<Rolldown.OutputChunk> {
  const entry = 'src/lib/status/script/main.ts'
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: { write: false, lib: { entry, formats: ['iife'], name: 'status' } },
  })
  const [result] = [built].flat()
  if (!result || !('output' in result)) throw new Error(`Vite made no script of ${entry}`)
  return result.output[0]
}

export default defineConfig({
  plugins: [statusScript(), sveltekit()],
  server: { proxy: forwarded },
  build: {
    // An inlined font or image would be a data: address, which the content policy blocks.
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
})
