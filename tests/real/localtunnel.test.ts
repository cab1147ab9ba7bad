import { beforeEach, describe, expect, test, vi } from 'vitest'
import { startHome } from '../../simulator/home.ts'
import { startLocaltunnel } from '../support/real/localtunnel.ts'
import { startNginx } from '../support/real/nginx.ts'
import { expectVerdict, porchlight } from '../support/real/porchlight.ts'
import { forThisTest, freePort, need } from '../support/real/programs.ts'

/** The server keeps a name for a second after its client has gone, and lets requests hang in it. */
const GRACE_MS = 5000

/** A home behind a tunnel whose server stands behind nginx: that sends it the name, because no DNS knows one. */
async function tunnelled(domain: string) {
  const home = forThisTest(await startHome())
  const tunnel = forThisTest(await startLocaltunnel(domain))
  const client = forThisTest(await tunnel.client(Number(new URL(home.url).port)))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const pass = `proxy_pass http://127.0.0.1:${tunnel.port}; proxy_set_header Host ${tunnel.host};`
  forThisTest(
    await startNginx(port, {
      servers: `server { listen 127.0.0.1:${port}; location / { ${pass} } }`,
    }),
  )
  return { url, client, light: forThisTest(await porchlight({ OLLAMA_URL: url })) }
}

const statusOf = async (url: string) =>
  (await fetch(url, { signal: AbortSignal.timeout(500) })).status

describe('localtunnel', { timeout: 60_000 }, () => {
  beforeEach((context) => need(context, 'nginx'))

  test('localtunnel connects to a home, and is reported as down when its client ends', async () => {
    const { url, client, light } = await tunnelled('lt.localhost')
    expectVerdict(await light.check(), { cause: ['ok'] })
    await client.stop()
    await vi.waitFor(async () => expect(await statusOf(url)).toBe(404), {
      timeout: GRACE_MS,
      interval: 200,
    })
    expectVerdict(await light.check(), { cause: ['tunnel_down'] })
  })

  test('localtunnel forwards its public name, which Ollama refuses', async () => {
    const { light } = await tunnelled('lt.test')
    expectVerdict(await light.check(), { cause: ['host_rejected'] })
  })
})
