import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startHome, type Home } from '../../simulator/home.ts'
import { hasAuthority, startCaddy } from '../support/real/caddy.ts'
import {
  expectVerdict,
  porchlight,
  type Porchlight,
  type Truth,
} from '../support/real/porchlight.ts'
import { forThisTest, freePort, need } from '../support/real/programs.ts'

interface Case extends Truth {
  title: string
  /** The site's directives; `$home` is the home's address. */
  site: string
  /** Caddy's name for the site; what was asked for unless said otherwise. */
  name?: string
  fault?: Parameters<Home['setFault']>[0]
}

const PASS = 'reverse_proxy $home'
// The hash of an unused password: creating one takes Caddy seconds.
const HASH = '$2a$14$Zkx19XLiW6VYouLHR5NmfOFU0z2GTNmpkT/5qqR7hx4IjWJPDhjvG'

const CASES: readonly Case[] = [
  { title: 'a home behind Caddy answers', site: PASS, cause: ['ok'] },
  {
    title: 'the empty 502 of Caddy names both a stopped Ollama and a dead connection',
    site: PASS,
    fault: 'refused',
    cause: ['ollama_down', 'tunnel_down'],
    named: ['ollama_down', 'tunnel_down'],
  },
  {
    title: 'an Ollama that hangs until Caddy times out is reported as silent or down',
    site: 'reverse_proxy $home {\n transport http {\n response_header_timeout 1s\n }\n }',
    fault: 'hang',
    cause: ['ollama_down', 'timed_out', 'generation_stuck', 'tunnel_down'],
  },
  {
    title: 'the empty 200 of Caddy for an unknown name is not Ollama',
    site: PASS,
    name: 'other.test',
    cause: ['not_ollama', 'tunnel_misrouted'],
  },
  {
    title: 'basic authentication in Caddy is reported as blocked access',
    site: `basicauth {\n me ${HASH}\n }\n ${PASS}`,
    cause: ['access_blocked'],
  },
  {
    title: 'the empty 403 of Caddy itself is not Ollama’s refusal of a host',
    site: 'respond 403',
    cause: ['access_blocked'],
  },
  {
    title: 'a host name that Caddy forwards and Ollama refuses is named',
    site: PASS,
    fault: 'host_check',
    cause: ['host_rejected'],
  },
]

let home: Home
beforeAll(async () => void (home = await startHome()))
afterAll(() => home.stop())
beforeEach((context) => need(context, 'caddy'))
afterEach(() => home.reset())

describe('Caddy in front of a home', () => {
  let port: number
  let light: Porchlight

  beforeAll(async () => {
    port = await freePort()
    light = await porchlight({ OLLAMA_URL: `http://127.0.0.1:${port}` })
  })
  afterAll(() => light.stop())

  test.each(CASES)('$title', async ({ site, name = '127.0.0.1', fault, ...truth }) => {
    const directives = site.replace('$home', home.url)
    forThisTest(
      await startCaddy(port, `http://${name}:${port} {\n bind 127.0.0.1\n ${directives}\n}`),
    )
    await home.setFault(fault ?? null)
    expectVerdict(await light.check(), truth)
  })
})

describe('Caddy with a certificate of its own authority', () => {
  test(
    'a certificate of Caddy’s own authority is trusted only with NODE_EXTRA_CA_CERTS',
    { timeout: 60_000 },
    async () => {
      const port = await freePort()
      const site = `https://localhost:${port} {\n bind 127.0.0.1\n tls internal\n ${PASS.replace('$home', home.url)}\n}`
      const caddy = forThisTest(await startCaddy(port, site))
      await vi.waitFor(() => expect(hasAuthority(caddy)).toBe(true), 10_000)
      const env = { OLLAMA_URL: `https://localhost:${port}` }
      const stranger = forThisTest(await porchlight(env))
      expectVerdict(await stranger.check(), { cause: ['tls_failure'] })
      const friend = forThisTest(await porchlight({ ...env, NODE_EXTRA_CA_CERTS: caddy.authority }))
      expectVerdict(await friend.check(), { cause: ['ok'] })
    },
  )

  test(
    'a name without a certificate is reported as a TLS failure',
    { timeout: 60_000 },
    async () => {
      const port = await freePort()
      forThisTest(
        await startCaddy(
          port,
          `https://other.test:${port} {\n bind 127.0.0.1\n tls internal\n respond 200\n}`,
        ),
      )
      const light = forThisTest(await porchlight({ OLLAMA_URL: `https://localhost:${port}` }))
      expectVerdict(await light.check(), { cause: ['tls_failure', 'tunnel_misrouted'] })
    },
  )
})
