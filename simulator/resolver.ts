/** A DNS-over-HTTPS resolver (JSON form) that returns the configured answer for every name. */
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { DnsAnswer } from './fault.ts'

const WELL: DnsAnswer = { Status: 0, Answer: [{ type: 1, data: '127.0.0.1' }] }
const NUMBERS = { A: 1, AAAA: 28 } as const
const ALIAS = 5

/** A resolver returns the records of the requested type, and the aliases that lead to them. */
function told({ Answer, ...rest }: DnsAnswer, wanted: string | null): DnsAnswer {
  const number = NUMBERS[wanted as keyof typeof NUMBERS]
  const records = Answer?.filter(({ type }) => type === number || type === ALIAS)
  return records ? { ...rest, Answer: records } : rest
}

export function createResolver(current: () => DnsAnswer | undefined): Server {
  return createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://resolver')
    response.writeHead(200, { 'Content-Type': 'application/dns-json' })
    response.end(JSON.stringify(told(current() ?? WELL, searchParams.get('type'))))
  })
}
