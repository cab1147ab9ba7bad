import type { Address, Handshake, Resolution } from '../../src/lib/diagnosis/index.ts'

const RECORD_TYPES = ['A', 'AAAA'] as const
const ADDRESS_TYPES = new Set([1, 28])
const ALIAS_TYPE = 5

/** Asks a DNS-over-HTTPS resolver (JSON form). `null` when it cannot be reached or understood: that is no evidence. */
export async function resolve(
  dohUrl: string,
  host: string,
  patienceMs: number,
): Promise<Resolution | null> {
  const answers = await Promise.all(
    RECORD_TYPES.map((type) => askResolver(dohUrl, host, type, patienceMs)),
  )
  const known = answers.filter((answer) => answer !== null)
  const [first] = known
  if (!first || known.length < RECORD_TYPES.length) return null
  // One kind of record may fail while the other is there.
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

async function askResolver(
  dohUrl: string,
  name: string,
  type: string,
  patienceMs: number,
): Promise<Resolution | null> {
  const told = await askJson<DohAnswer>(dohUrl, { name, type }, patienceMs)
  if (typeof told?.Status !== 'number') return null
  const records = Array.isArray(told.Answer) ? told.Answer : []
  const data = (isWanted: (type: number) => boolean) =>
    records.flatMap((one) => (one.data && isWanted(one.type ?? 0) ? [one.data] : []))
  const comment = [told.Comment ?? []].flat().join(', ')
  return {
    status: told.Status,
    addresses: data((kind) => ADDRESS_TYPES.has(kind)),
    aliases: data((kind) => kind === ALIAS_TYPE),
    ...(comment === '' ? {} : { comment }),
  }
}

/** What a TLS client that may look at any certificate saw; this runtime tells nothing of it. `null`: not reached. */
export async function lookAtCertificate(url: string, { host, port }: Address, patienceMs: number) {
  return askJson<Handshake>(url, { host, port: String(port) }, patienceMs)
}

async function askJson<T>(
  base: string,
  query: Record<string, string>,
  patienceMs: number,
): Promise<T | null> {
  try {
    const url = new URL(base)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const headers = { Accept: 'application/dns-json' }
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(patienceMs) })
    return response.ok ? await response.json<T>() : null
  } catch {
    return null
  }
}
