import { describe, expect, inject, test } from 'vitest'
import type { Health } from '../../src/lib/contract/health.ts'
import type { Cause } from '../../src/lib/diagnosis/index.ts'
import { readConfig } from '../../worker/config.ts'
import { ollamaAt } from '../../worker/ollama/client.ts'
import { failureLine } from '../../worker/ollama/failure-line.ts'
import { TLS_STATES } from '../support/real/tls-states.ts'
import { apiWith, post } from '../support/workerd/client.ts'
import type { Replayed } from '../support/setup/replayed-edges.ts'

const replays = inject('replays')

/** The number of recorded states of each part, so that none gets lost. */
const RECORDED = {
  apache: 26,
  caddy: 30,
  'frp-http': 19,
  'frp-tcp': 8,
  haproxy: 21,
  'host-check-probe': 6,
  localtunnel: 15,
  nginx: 38,
  'ssh -R, port used directly': 6,
  'ssh -R behind nginx': 10,
  'tls-cases': 17,
} as const

const MODEL = 'llama3.2:3b'
/** Longer than any recorded pause between two tokens. */
const TIMEOUTS = { firstMs: 1500, idleMs: 1500 } as const

const variables = ({ url, resolver }: Replayed) => ({
  OLLAMA_URL: url ?? '',
  ...(resolver ? { DOH_URL: resolver } : {}),
})

const check = async (state: Replayed) =>
  (await apiWith(variables(state))('/api/health?fresh=1&code=200')).json<Health>()

/** The result of a run: the problem in place of its stream, or its last line. */
async function run(state: Replayed): Promise<{ cause?: Cause; reason?: string; done?: boolean }> {
  const response = await apiWith(variables(state))(
    '/api/llm/generate',
    post({ model: MODEL, prompt: state.prompt }),
  )
  const lines = (await response.text()).trim().split('\n')
  return JSON.parse(lines.at(-1) ?? '{}') as { cause?: Cause; reason?: string }
}

async function runWithoutPatience(state: Replayed): Promise<{ cause?: Cause; reason?: string }> {
  const config = readConfig({ RUNTIME: 'local', ...variables(state) })
  try {
    const ollama = ollamaAt(config, TIMEOUTS, new AbortController().signal)
    const lines = await ollama.generate({ model: MODEL, prompt: state.prompt, stream: true })
    for await (const _ of lines);
    return {}
  } catch (error) {
    return failureLine(error, config, MODEL)
  }
}

const played = replays.filter(({ url }) => url !== null)
const rows = (wanted: (state: Replayed) => boolean) =>
  played.filter(wanted).map((state) => [state.name, state] as const)

describe.concurrent(
  'recorded answers of real proxies and tunnels, over real sockets',
  { timeout: 60_000 },
  () => {
    test.each(rows(({ isSeenByRun }) => !isSeenByRun))(
      'a check of the recorded state %s finds a right cause',
      async (_name, state) => {
        const { cause, reason, confidence, alternatives } = await check(state)
        const named = [cause, ...alternatives]
        const story = `${reason} (${confidence}): ${named.join(', ')}`
        expect(named, story).toEqual(expect.arrayContaining([expect.toBeOneOf(state.right)]))
        if (confidence === 'low') return
        expect(state.right, story).toContain(cause)
        expect(state.wrong, story).not.toContain(cause)
      },
    )

    test.each(rows(({ isSeenByRun }) => isSeenByRun))(
      'a check of the recorded state %s finds nothing wrong, because only a run fails',
      async (_name, state) => {
        const { cause, reason } = await check(state)
        expect(cause, reason).toBe('ok')
      },
    )

    test.each(rows(({ isSeenByRun }) => isSeenByRun))(
      'a run in the recorded state %s fails with a right cause',
      async (_name, state) => {
        const { cause, reason } = await (state.isStall ? runWithoutPatience(state) : run(state))
        expect(state.right, `${reason}: ${cause}`).toContain(cause)
      },
    )
  },
)

describe('recorded states', () => {
  test('every recorded state is played from its recording or by a real TLS listener', () => {
    const names = replays.filter(({ url }) => url === null).map(({ name }) => name)
    expect(names.toSorted()).toEqual(Object.keys(TLS_STATES).toSorted())
  })

  test('no recorded state was lost', () => {
    const counts = Object.fromEntries(
      Object.entries(Object.groupBy(replays, ({ part }) => part)).map(([part, states = []]) => [
        part,
        states.length,
      ]),
    )
    expect(counts).toEqual(RECORDED)
  })
})
