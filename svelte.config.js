import adapter from '@sveltejs/adapter-cloudflare'
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

// The adapter rewrites the file named by `main` in the config it is given, so it gets one of its own.
// Its emulation of the platform is left out: pages need none, and it leaves a process behind after every build.
const { emulate: _, ...cloudflare } = adapter({ config: 'worker/adapter.toml' })

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: cloudflare,
    // Assets are addressed by content; a name that changes with every build would only defeat caches.
    version: { name: 'porchlight' },
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['none'],
        'script-src': ['self'],
        'style-src': ['self'],
        // SvelteKit's route announcer carries one style attribute; this is its hash.
        'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
        'img-src': ['self', 'data:', 'blob:'],
        'font-src': ['self'],
        'connect-src': ['self'],
        'manifest-src': ['self'],
        'worker-src': ['self'],
        'frame-src': ['none'],
        'object-src': ['none'],
        'base-uri': ['none'],
        'form-action': ['self'],
        'require-trusted-types-for': ['script'],
        'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url'],
      },
    },
    // The API checks where a request comes from by itself, and answers in its own words.
    csrf: { trustedOrigins: ['*'] },
  },
}
