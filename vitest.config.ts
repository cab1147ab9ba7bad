import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { ProvidedContext } from 'vitest'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

// No personal setting may leak into a test.
process.env.CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV = 'false'

type Inject = <Name extends keyof ProvidedContext>(name: Name) => ProvidedContext[Name]

interface WorkerProject {
  name: string
  include: string
  /** Programs beside the tests, in tests/support/setup. */
  setup: readonly string[]
  bindings: (inject: Inject) => Record<string, string>
}

/** Tests inside workerd, with the whole Worker in front of them. */
const inWorkerd = ({ name, include, setup, bindings }: WorkerProject) =>
  ({
    plugins: [
      cloudflareTest(({ inject }) => ({
        wrangler: { configPath: './wrangler.toml' },
        miniflare: {
          bindings: {
            RUNTIME: 'local',
            OLLAMA_URL: inject('home').url,
            ...bindings(inject),
          },
        },
      })),
    ],
    test: {
      name,
      include: [include],
      globalSetup: setup.map((file) => `tests/support/setup/${file}.ts`),
      testTimeout: 20_000,
      // Replayed states mostly wait.
      maxConcurrency: 16,
    },
  }) satisfies TestProjectInlineConfiguration

/** Tests of whole programs. They share ports and time each other, so one file runs at a time. */
const withPrograms = (name: string, globalSetup: string) =>
  ({
    test: {
      name,
      environment: 'node',
      include: [`tests/${name}/**/*.test.ts`],
      globalSetup: [globalSetup],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      fileParallelism: false,
    },
  }) satisfies TestProjectInlineConfiguration

export default defineConfig({
  test: {
    // One line of dots and a summary; a failure shows everything.
    reporters: ['dot'],
    silent: 'passed-only',
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
      inWorkerd({
        name: 'worker',
        include: 'tests/worker/*.test.ts',
        setup: [
          'simulated-home',
          'malformed-home',
          'replayed-edges',
          'recorded-answers',
          'access-team',
          'alert-server',
        ],
        bindings: (inject) => ({
          NTFY_URL: `${inject('receiver')}/worker/topic`,
          WEBHOOK_URL: `${inject('receiver')}/worker/hook`,
        }),
      }),
      inWorkerd({
        name: 'owned',
        include: 'tests/worker/owned/*.test.ts',
        setup: ['simulated-home', 'owner-key'],
        bindings: (inject) => ({ OWNER_KEY_HASH: inject('ownerKeyHash') }),
      }),
      withPrograms('start', 'tests/support/start/silent-run.ts'),
      withPrograms('real', 'tests/support/real/build-first.ts'),
    ],
  },
})
