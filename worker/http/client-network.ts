import type { Config } from '../config.ts'

/** Whence a request comes, as far as it is counted: an IPv4 address, or the network of an IPv6 one (/64). */
export function clientNetworkOf({ runtime }: Config, { headers }: Request): string {
  // Deployed, the edge writes it, whatever was sent. At home the listener for the network does (scripts/lan.ts).
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
