import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

// In development the API runs in `wrangler dev` beside Vite (scripts/develop.ts).
const api = process.env.PORCHLIGHT_API
const forwarded = api ? Object.fromEntries(['/api', '/v1', '/healthz'].map((path) => [path, { target: api }])) : {}

export default defineConfig({
  plugins: [sveltekit()],
  server: { proxy: forwarded },
  // An inlined font or image would be a data: address, which the content policy blocks.
  build: { assetsInlineLimit: 0 },
})
