import type { Config } from '../config.ts'

/** What rate limits count by: the IPv4 address, or the /64 network of the IPv6 address. */
export function clientNetworkOf({ runtime }: Config, { headers }: Request): string {
  // Clients cannot forge either header: Cloudflare overwrites the one, the LAN listener (scripts/lan.ts) the other.
  const forwarded = runtime === 'local' ? headers.get('x-forwarded-for') : null
  return networkOf((forwarded ?? headers.get('cf-connecting-ip') ?? '').trim())
}

const GROUPS = 8
const NETWORK_GROUPS = 4

export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':')) return address.slice(0, 15)
  const [head = '', tail] = address.toLowerCase().split('::')
  const before = head.split(':').filter(Boolean)
  const after = (tail ?? '').split(':').filter(Boolean)
  const zeros = Array.from(
    { length: Math.max(0, GROUPS - before.length - after.length) },
    () => '0',
  )
  const groups = [...before, ...(tail === undefined ? [] : zeros), ...after]
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.slice(0, 4).replace(/^0+(?=.)/, ''))
    .join(':')
}
