import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startHome, type Home } from '../../simulator/home.ts'
import { listen } from '../../simulator/ports.ts'
import type { Cause } from '../../src/lib/diagnosis/index.ts'
import { makeCertificates, type Certificates } from '../support/real/certificates.ts'
import { expectVerdict, porchlight, type Porchlight } from '../support/real/porchlight.ts'
import { forThisTest, freePort, need } from '../support/real/programs.ts'
import { ender, tlsServer } from '../support/real/tls-servers.ts'
import { TLS_STATES, type TlsCase } from '../support/real/tls-states.ts'

interface Recorded {
  part: string
  state: string
  right: Cause[]
}

const recorded = JSON.parse(readFileSync('tests/recordings/edges.json', 'utf8')) as Recorded[]
const rightFor = (name: string) =>
  recorded.find(({ part, state }) => `${part}, ${state}` === name)?.right ?? []

let home: Home
let port: number
let papers: Certificates | undefined
let light: Porchlight | undefined

beforeAll(async () => {
  home = await startHome()
  port = await freePort()
})
afterAll(async () => {
  await light?.stop()
  await home.stop()
  papers?.remove()
})
beforeEach(async (context) => {
  need(context, 'openssl')
  papers ??= makeCertificates()
  // The authority is trusted, so that each certificate has its one fault and no other.
  light ??= await porchlight({
    OLLAMA_URL: `https://localhost:${port}`,
    NODE_EXTRA_CA_CERTS: papers.authority,
  })
}, 60_000)

describe('a real TLS listener', () => {
  test.each(Object.entries(TLS_STATES) as [string, TlsCase][])(
    'the TLS state "%s" is named correctly',
    async (name, kind) => {
      if (!papers || !light) throw new Error('no certificates, no Porchlight')
      const server = tlsServer(kind, papers, Number(new URL(home.url).port))
      const stop = ender(server)
      await listen(server, port)
      forThisTest({ stop })
      const right = rightFor(name)
      const health = await light.check()
      expectVerdict(health, {
        cause: right,
        named: right.includes('tls_failure') ? ['tls_failure'] : [],
      })
    },
  )

  test('every TLS state of these tests is a recorded one', () => {
    expect(Object.keys(TLS_STATES).filter((name) => rightFor(name).length === 0)).toEqual([])
  })
})
