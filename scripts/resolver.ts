import { randomUUID } from 'node:crypto'
import { lookup, Resolver } from 'node:dns/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const TYPES = { A: { number: 1, family: 4 }, AAAA: { number: 28, family: 6 } } as const
type RecordType = keyof typeof TYPES
const NO_SUCH_NAME = 3

export interface ResolverOptions {
  /** Name servers (address:port) to ask instead of this machine's own resolver. */
  servers?: readonly string[]
}

/**
 * This machine's own resolver behind the shape that the Worker asks (DNS-over-HTTPS, JSON): so /etc/hosts, mDNS and Docker
 * names are judged as this machine sees them. Answers for the home's name alone, on loopback, behind a secret path.
 */
export async function startResolver(name: string, { servers }: ResolverOptions = {}) {
  const path = `/${randomUUID()}`
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://resolver')
    const type = url.searchParams.get('type') ?? ''
    if (url.pathname !== path || url.searchParams.get('name') !== name || !(type in TYPES)) {
      response.writeHead(404).end()
      return
    }
    const asked = type as RecordType
    void (servers ? askNameServers(name, asked, servers) : answer(name, asked)).then((body) => {
      response
        .writeHead(body ? 200 : 503, { 'Content-Type': 'application/dns-json' })
        .end(body ? JSON.stringify(body) : '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}${path}`, stop }
}

/** `null`: the resolver itself did not answer, which is no evidence about the name. */
async function answer(name: string, type: RecordType) {
  const { number, family } = TYPES[type]
  try {
    const all = await lookup(name, { all: true })
    return {
      Status: 0,
      Answer: all.filter((one) => one.family === family).map(({ address }) => ({ name, type: number, data: address })),
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTFOUND' ? { Status: NO_SUCH_NAME } : null
  }
}

/** RFC 1035 numbers for what c-ares calls them. Every other error means that nobody answered. */
const STATUS = { ENODATA: 0, EFORMERR: 1, ESERVFAIL: 2, ENOTFOUND: 3, ENOTIMP: 4, EREFUSED: 5 } as const
const PATIENCE = { timeout: 1500, tries: 1 } as const

async function askNameServers(name: string, type: RecordType, servers: readonly string[]) {
  const resolver = new Resolver(PATIENCE)
  resolver.setServers(servers)
  try {
    const found = type === 'A' ? await resolver.resolve4(name) : await resolver.resolve6(name)
    return { Status: 0, Answer: found.map((data) => ({ name, type: TYPES[type].number, data })) }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const status = (STATUS as Readonly<Record<string, number>>)[code]
    return status === undefined ? null : { Status: status }
  }
}
