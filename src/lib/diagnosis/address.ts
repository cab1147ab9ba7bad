/** The parts of the home's address that decide from where it can be used. */
export interface Address {
  /** scheme://host[:port], never a path, never credentials */
  origin: string
  scheme: 'http' | 'https'
  host: string
  port: number
  reach: Reach
}

/** `public` names and addresses work from anywhere; every other kind only from a certain machine or network. */
export type Reach = 'public' | 'loopback' | 'private' | 'single_label' | 'home_name'

export type AddressFault =
  | 'url_missing'
  | 'url_quoted'
  | 'url_without_scheme'
  | 'url_unknown_scheme'
  | 'url_with_credentials'
  | 'url_with_path'
  | 'url_malformed'

const BLANKS = new Set(['', 'undefined', 'null'])
const QUOTED = /^(["'`“‘]).*$|^.*(["'`”’])$/
const HOME_SUFFIXES = [
  '.local',
  '.lan',
  '.home',
  '.home.arpa',
  '.internal',
  '.docker',
  '.localdomain',
]

/** Reads `OLLAMA_URL`. An unusable value is reported, never repaired: a repaired one would work here and fail elsewhere. */
export function readAddress(value: string | undefined): Address | { fault: AddressFault } {
  const text = (value ?? '').trim()
  if (BLANKS.has(text)) return { fault: 'url_missing' }
  if (QUOTED.test(text)) return { fault: 'url_quoted' }
  if (!text.includes('://')) return { fault: 'url_without_scheme' }
  if (!/^https?:\/\//i.test(text)) return { fault: 'url_unknown_scheme' }
  if (/\s/.test(text) || !URL.canParse(text)) return { fault: 'url_malformed' }
  const url = new URL(text)
  if (url.username || url.password) return { fault: 'url_with_credentials' }
  if (!/^\/*$/.test(url.pathname) || url.search || url.hash) return { fault: 'url_with_path' }
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const host = url.hostname.replace(/\.$/, '')
  return {
    // With a trailing dot the Host header differs, and no proxy has a site for it.
    origin: url.origin.replace(/\.(?=:\d+$|$)/, ''),
    scheme,
    host,
    port: Number(url.port) || (scheme === 'https' ? 443 : 80),
    reach: reachOf(host),
  }
}

export const isAddressLiteral = (host: string) =>
  host.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(host)

/** Where a host name or address can be used from. */
export function reachOf(host: string): Reach {
  if (host.startsWith('[')) return reachOfIPv6(host.slice(1, -1))
  if (isAddressLiteral(host)) return reachOfIPv4(host)
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback'
  if (HOME_SUFFIXES.some((suffix) => host.endsWith(suffix))) return 'home_name'
  return host.includes('.') ? 'public' : 'single_label'
}

function reachOfIPv4(host: string): Reach {
  const [a = 0, b = 0] = host.split('.').map(Number)
  if (a === 127 || a === 0) return 'loopback'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  return isPrivate ? 'private' : 'public'
}

function reachOfIPv6(host: string): Reach {
  if (host === '::1' || host === '::') return 'loopback'
  const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(host)
  if (mapped) {
    const [high, low] = [parseInt(mapped[1] ?? '', 16), parseInt(mapped[2] ?? '', 16)]
    return reachOfIPv4([high >> 8, high & 255, low >> 8, low & 255].join('.'))
  }
  return /^f[cd]|^fe[89ab]/.test(host) ? 'private' : 'public'
}
