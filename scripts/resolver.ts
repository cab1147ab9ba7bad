import { randomUUID } from 'node:crypto'
import { lookup, Resolver } from 'node:dns/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reachOf } from '../src/lib/diagnosis/index.ts'
import { inspectCertificate } from './handshake.ts'

const TYPES = { A: { number: 1, family: 4 }, AAAA: { number: 28, family: 6 } } as const
type RecordType = keyof typeof TYPES

interface DnsAnswer {
  Status: number
  Answer?: { name: string; type: number; data: string }[]
}

export interface ResolverOptions {
  /** Name servers (address:port) to query instead of this machine's own resolver. */
  servers?: readonly string[]
}

/**
 * Gives the Worker this machine's view of the home's name: a resolver in the form of DNS-over-HTTPS (JSON), so that
 * /etc/hosts, mDNS and Docker names resolve as they do on this machine, and the result of a TLS handshake. It answers for
 * the home's name only, on loopback, behind a secret path.
 */
export async function startResolver(name: string, options: ResolverOptions = {}) {
  const secret = randomUUID()
  const routes: Readonly<Record<string, (query: URLSearchParams) => Promise<unknown>>> = {
    [`/${secret}/dns`]: async (query) => {
      const type = query.get('type') ?? ''
      return query.get('name') === name && isRecordType(type) ? answer(name, type, options) : null
    },
    [`/${secret}/handshake`]: async (query) =>
      query.get('host') === name ? inspectCertificate(name, Number(query.get('port'))) : null,
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://resolver')
    void Promise.resolve(routes[url.pathname]?.(url.searchParams) ?? null).then((body) => {
      response
        .writeHead(body === null ? 503 : 200, { 'Content-Type': 'application/dns-json' })
        .end(body === null ? '' : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}`
  const stop = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `${base}/dns`, handshakeUrl: `${base}/handshake`, stop }
}

const isRecordType = (type: string): type is RecordType => Object.hasOwn(TYPES, type)

/** `null`: the resolver did not respond, which is no evidence about the name. */
async function answer(
  name: string,
  type: RecordType,
  { servers }: ResolverOptions,
): Promise<DnsAnswer | null> {
  if (servers) return queryNameServers(name, type, servers)
  try {
    const all = await lookup(name, { all: true })
    const { number, family } = TYPES[type]
    const records = all.filter((one) => one.family === family)
    return {
      Status: 0,
      Answer: records.map(({ address }) => ({ name, type: number, data: address })),
    }
  } catch (error) {
    const code = codeOf(error)
    // The system's resolver only distinguishes "not found" and "try again", and some systems return "not found" when they are
    // offline. Name servers tell the two apart, except for names that exist only at home.
    const isLocalName = reachOf(name) !== 'public'
    return (
      (await queryNameServers(name, type)) ??
      (code === 'ENOTFOUND' && isLocalName ? { Status: STATUS.ENOTFOUND } : null)
    )
  }
}

/** The RFC 1035 status for each error name of c-ares. Every other error means that no server responded. */
const STATUS = {
  ENODATA: 0,
  EFORMERR: 1,
  ESERVFAIL: 2,
  ENOTFOUND: 3,
  ENOTIMP: 4,
  EREFUSED: 5,
} as const
const TIMEOUTS = { timeout: 1500, tries: 1 } as const

async function queryNameServers(
  name: string,
  type: RecordType,
  servers?: readonly string[],
): Promise<DnsAnswer | null> {
  const resolver = new Resolver(TIMEOUTS)
  if (servers) resolver.setServers(servers)
  try {
    const found = type === 'A' ? await resolver.resolve4(name) : await resolver.resolve6(name)
    return { Status: 0, Answer: found.map((data) => ({ name, type: TYPES[type].number, data })) }
  } catch (error) {
    const status = (STATUS as Readonly<Record<string, number>>)[codeOf(error)]
    return status === undefined ? null : { Status: status }
  }
}

const codeOf = (error: unknown) => String((error as NodeJS.ErrnoException | undefined)?.code)
