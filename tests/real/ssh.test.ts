import { afterAll, beforeAll, beforeEach, describe, test } from 'vitest'
import { startHome, type Home } from '../../simulator/home.ts'
import { startNginx } from '../support/real/nginx.ts'
import { expectVerdict, porchlight, type Porchlight } from '../support/real/porchlight.ts'
import { forThisTest, freePort, need } from '../support/real/programs.ts'
import { startSshd } from '../support/real/sshd.ts'

let home: Home
let port: number
let light: Porchlight

beforeAll(async () => {
  home = await startHome()
  port = await freePort()
  light = await porchlight({ OLLAMA_URL: `http://127.0.0.1:${port}` })
})
afterAll(async () => {
  await light.stop()
  await home.stop()
})
beforeEach(async (context) => {
  need(context, 'sshd', 'ssh')
  await home.reset()
})

const homePort = () => Number(new URL(home.url).port)

describe('ssh -R, its port used directly', () => {
  test('a home behind ssh -R is reported as up', async () => {
    const sshd = forThisTest(await startSshd())
    forThisTest(await sshd.forward(port, homePort()))
    expectVerdict(await light.check(), { cause: ['ok'] })
  })

  test('a stopped Ollama behind ssh -R is named first', async () => {
    const sshd = forThisTest(await startSshd())
    forThisTest(await sshd.forward(port, homePort()))
    await home.setFault('refused')
    expectVerdict(await light.check(), { cause: ['ollama_down'] })
  })

  test('an ended ssh client is reported as a refused connection', async () => {
    const sshd = forThisTest(await startSshd())
    const client = await sshd.forward(port, homePort())
    expectVerdict(await light.check(), { cause: ['ok'] })
    await client.stop()
    expectVerdict(await light.check(), { cause: ['connection_failed', 'tunnel_down'] })
  })
})

describe('ssh -R behind nginx', () => {
  beforeEach((context) => need(context, 'nginx'))

  test('an ended ssh client behind nginx names tunnel and Ollama with low confidence', async () => {
    const sshd = forThisTest(await startSshd())
    const between = await freePort()
    const client = await sshd.forward(between, homePort())
    const servers = `server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${between}; } }`
    forThisTest(await startNginx(port, { servers }))
    expectVerdict(await light.check(), { cause: ['ok'] })
    await client.stop()
    const both = ['tunnel_down', 'ollama_down'] as const
    expectVerdict(await light.check(), { cause: both, named: both })
  })
})
