/** Access checks: the Origin, then the Host of a listener on loopback. */
import { hostname, networkInterfaces } from 'node:os'
import { BlockList, isIP } from 'node:net'
import type { Head } from './incoming.ts'

export const MACHINE = 'homebox'

const ORIGIN_NAMES = ['localhost', '127.0.0.1', '0.0.0.0'] as const
const ORIGIN_SCHEMES = ['app:', 'file:', 'tauri:', 'vscode-webview:', 'vscode-file:'] as const
const LOCAL_ENDINGS = ['.localhost', '.local', '.internal'] as const

const PRIVATE = new BlockList()
const SUBNETS = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['0.0.0.0', 32, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['::', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
] as const satisfies readonly (readonly [string, number, 'ipv4' | 'ipv6'])[]
for (const [address, bits, family] of SUBNETS) PRIVATE.addSubnet(address, bits, family)

const ALLOWED_HEADERS = [
  'Authorization,Content-Type,User-Agent,Accept,X-Requested-With,Openai-Beta,X-Stainless-Arch,X-Stainless-Async',
  'X-Stainless-Custom-Poll-Interval,X-Stainless-Helper-Method,X-Stainless-Lang,X-Stainless-Os,X-Stainless-Package-Version',
  'X-Stainless-Poll-Helper,X-Stainless-Retry-Count,X-Stainless-Runtime,X-Stainless-Runtime-Version,X-Stainless-Timeout',
].join(',')

const PREFLIGHT = [
  ['Access-Control-Allow-Headers', [ALLOWED_HEADERS]],
  ['Access-Control-Allow-Methods', ['GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS']],
  ['Access-Control-Max-Age', ['43200']],
  ['Vary', ['Origin', 'Access-Control-Request-Method', 'Access-Control-Request-Headers']],
] as const satisfies readonly (readonly [string, readonly string[]])[]

export type CorsVerdict = 'not_cors' | 'allowed' | 'refused'

export function corsVerdict({ headers }: Head): CorsVerdict {
  const { origin, host } = headers
  if (!origin || origin === `http://${host}` || origin === `https://${host}`) return 'not_cors'
  return originAllowed(origin) ? 'allowed' : 'refused'
}

function originAllowed(origin: string): boolean {
  if (ORIGIN_SCHEMES.some((scheme) => origin.startsWith(`${scheme}//`))) return true
  const [, name] = /^https?:\/\/([^:/]+)(:\d+)?$/.exec(origin) ?? []
  return ORIGIN_NAMES.some((allowed) => allowed === name)
}

export function corsHeaders(head: Head): Map<string, string[]> {
  const lines = new Map([
    ['Access-Control-Allow-Origin', [head.headers.origin ?? '']],
    ['Vary', ['Origin']],
  ])
  if (head.method === 'OPTIONS')
    for (const [name, values] of PREFLIGHT) lines.set(name, [...values])
  return lines
}

function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((one) => one.address === address),
  )
}

export type HostKind = 'name' | 'address' | 'foreign'

export function hostKind({ headers }: Head): HostKind {
  const host = (headers.host ?? '')
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase()
  const family = isIP(host)
  if (family)
    return PRIVATE.check(host, family === 4 ? 'ipv4' : 'ipv6') || isOwnAddress(host)
      ? 'address'
      : 'foreign'
  const known = ['', 'localhost', MACHINE, hostname().toLowerCase()].includes(host)
  return known || LOCAL_ENDINGS.some((ending) => host.endsWith(ending)) ? 'name' : 'foreign'
}
