import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [sveltekit()],
  // An inlined font or image would be a data: address, which the content policy blocks.
  build: { assetsInlineLimit: 0 },
})
