import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

// In development the API runs in `wrangler dev` beside Vite (scripts/develop.ts).
const api = process.env.PORCHLIGHT_API
const forwarded = api
  ? Object.fromEntries(['/api', '/v1', '/healthz'].map((path) => [path, { target: api }]))
  : {}

// On a slow line twenty small files take longer than their bytes, so what most pages need is one.
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

export default defineConfig({
  plugins: [sveltekit()],
  server: { proxy: forwarded },
  build: {
    // An inlined font or image would be a data: address, which the content policy blocks.
    assetsInlineLimit: 0,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
})
