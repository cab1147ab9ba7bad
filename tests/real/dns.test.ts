import { createSocket } from 'node:dgram'
import { beforeEach, describe, expect, test } from 'vitest'
import { startResolver } from '../../scripts/resolver.ts'
import { expectVerdict, porchlight } from '../support/real/porchlight.ts'
import { forThisTest, freePort, need, start, until } from '../support/real/programs.ts'

const NAME = 'home.test'
/** The key of the DNS root. No answer here is signed, so a validating server returns SERVFAIL for each. */
const ANCHOR = '.,20326,8,2,E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D'
const ADDRESSES = [`--address=/${NAME}/127.0.0.1`, `--address=/${NAME}/::1`]

async function dnsmasq(...args: string[]): Promise<string> {
  const port = await freePort()
  const alone = [
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--bind-interfaces',
    '--pid-file=',
  ]
  const place = ['--keep-in-foreground', `--port=${port}`, '--listen-address=127.0.0.1']
  // As root it would become another user, who may not exist.
  const user = process.getuid?.() === 0 ? ['--user=root', '--group='] : []
  const program = forThisTest(start('dnsmasq', [...alone, ...place, ...user, ...args]))
  await until(port, true, program)
  return `127.0.0.1:${port}`
}

const servfail = async () =>
  dnsmasq(
    `--server=${(await dnsmasq(...ADDRESSES)).replace(':', '#')}`,
    '--dnssec',
    '--dnssec-check-unsigned',
    `--trust-anchor=${ANCHOR}`,
  )

/** A name server that takes every question and answers none. */
async function silent(): Promise<string> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  forThisTest({ stop: () => new Promise<void>((resolve) => socket.close(resolve)) })
  return `127.0.0.1:${socket.address().port}`
}

const BROKEN = [
  { title: 'a name that does not exist', status: 3, server: () => dnsmasq(`--address=/${NAME}/`) },
  { title: 'a name server that fails (SERVFAIL)', status: 2, server: servfail },
  {
    title: 'a name without an address',
    status: 0,
    server: () => dnsmasq(`--local=/${NAME}/`, `--txt-record=${NAME},here`),
  },
] as const

async function resolverFor(server: string) {
  const resolver = forThisTest(await startResolver(NAME, { servers: [server] }))
  const light = forThisTest(
    await porchlight({ OLLAMA_URL: `http://${NAME}`, DOH_URL: resolver.url }),
  )
  return { resolver, light }
}

const ask = (url: string) => fetch(`${url}?${new URLSearchParams({ name: NAME, type: 'A' })}`)

describe('a real name server', () => {
  beforeEach((context) => need(context, 'dnsmasq'))

  test.each(BROKEN)('$title is reported as a DNS failure', async ({ server, status }) => {
    const { resolver, light } = await resolverFor(await server())
    expect(await (await ask(resolver.url)).json()).toMatchObject({ Status: status })
    expectVerdict(await light.check(), { cause: ['dns_failure'] })
  })

  test('a name server that does not respond is no evidence against the name', async () => {
    const { resolver, light } = await resolverFor(
      await dnsmasq(`--server=${(await silent()).replace(':', '#')}`),
    )
    expect((await ask(resolver.url)).status).toBe(503)
    const { cause, reason } = await light.check()
    expect(cause, reason).not.toBe('dns_failure')
  })
})
