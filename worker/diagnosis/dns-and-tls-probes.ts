import type { Address, Handshake, Resolution } from '../../src/lib/diagnosis/index.ts'

const RECORD_TYPES = ['A', 'AAAA'] as const
const ADDRESS_TYPES = new Set([1, 28])
const ALIAS_TYPE = 5

/** Queries a DNS-over-HTTPS resolver (JSON format). `null`: it could not be reached or understood, which is no evidence. */
export async function resolve(
  dohUrl: string,
  host: string,
  timeoutMs: number,
): Promise<Resolution | null> {
  const answers = await Promise.all(
    RECORD_TYPES.map((type) => queryResolver(dohUrl, host, type, timeoutMs)),
  )
  const known = answers.filter((answer) => answer !== null)
  const [first] = known
  if (!first || known.length < RECORD_TYPES.length) return null
  // One record type may fail while the other exists.
  const { status, comment } = known.find((answer) => answer.status === 0) ?? first
  const aliases = [...new Set(known.flatMap((answer) => answer.aliases ?? []))]
  const addresses = known.flatMap((answer) => answer.addresses)
  return { status, addresses, aliases, ...(comment === undefined ? {} : { comment }) }
}

interface DohAnswer {
  Status?: unknown
  Answer?: { type?: number; data?: string }[]
  Comment?: string | string[]
}

async function queryResolver(
  dohUrl: string,
  name: string,
  type: string,
  timeoutMs: number,
): Promise<Resolution | null> {
  const answer = await fetchJson<DohAnswer>(dohUrl, { name, type }, timeoutMs)
  if (typeof answer?.Status !== 'number') return null
  const records = Array.isArray(answer.Answer) ? answer.Answer : []
  const data = (hasType: (type: number) => boolean) =>
    records.flatMap((one) => (one.data && hasType(one.type ?? 0) ? [one.data] : []))
  const comment = [answer.Comment ?? []].flat().join(', ')
  return {
    status: answer.Status,
    addresses: data((kind) => ADDRESS_TYPES.has(kind)),
    aliases: data((kind) => kind === ALIAS_TYPE),
    ...(comment === '' ? {} : { comment }),
  }
}

/** What a helper with its own TLS client sees, because this runtime shows no certificate. `null`: not reached. */
export async function inspectCertificate(url: string, { host, port }: Address, timeoutMs: number) {
  return fetchJson<Handshake>(url, { host, port: String(port) }, timeoutMs)
}

async function fetchJson<T>(
  base: string,
  query: Record<string, string>,
  timeoutMs: number,
): Promise<T | null> {
  try {
    const url = new URL(base)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const headers = { Accept: 'application/dns-json' }
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) })
    return response.ok ? await response.json<T>() : null
  } catch {
    return null
  }
}
