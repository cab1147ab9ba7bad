import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// Nothing of the person's own settings may leak into a test.
process.env.CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV = 'false'

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [svelte()],
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{src,worker,simulator,scripts}/**/*.test.ts', 'tests/unit/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                RUNTIME: 'local',
                OLLAMA_URL: (inject('home') as { url: string }).url,
                NTFY_URL: `${inject('receiver') as string}/worker/topic`,
                WEBHOOK_URL: `${inject('receiver') as string}/worker/hook`,
              },
            },
          })),
        ],
        test: {
          name: 'worker',
          include: ['tests/worker/*.test.ts'],
          globalSetup: [
            'simulated-home',
            'odd-home',
            'replayed-edges',
            'recorded-answers',
            'access-team',
            'receivers',
          ].map((name) => `tests/support/setup/${name}.ts`),
          testTimeout: 20_000,
          // Replayed states mostly wait.
          maxConcurrency: 16,
        },
      },
      {
        // The same Worker with an owner key.
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              bindings: {
                RUNTIME: 'local',
                OLLAMA_URL: (inject('home') as { url: string }).url,
                OWNER_KEY_HASH: inject('ownerKeyHash') as string,
              },
            },
          })),
        ],
        test: {
          name: 'owned',
          include: ['tests/worker/owned/*.test.ts'],
          globalSetup: [
            'tests/support/setup/simulated-home.ts',
            'tests/support/setup/owner-key.ts',
          ],
          testTimeout: 20_000,
        },
      },
      {
        // Whole programs: `npm start` and what it starts. They share ports and processes, so one at a time.
        test: {
          name: 'start',
          environment: 'node',
          include: ['tests/start/**/*.test.ts'],
          globalSetup: ['tests/support/start/silent-run.ts'],
          testTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        // Real proxies, tunnels and name servers in front of a home. They time each other, so one at a time.
        test: {
          name: 'real',
          environment: 'node',
          include: ['tests/real/**/*.test.ts'],
          globalSetup: ['tests/support/real/build.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
