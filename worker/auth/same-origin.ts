import { createMiddleware } from 'hono/factory'
import type { Config } from '../config.ts'
import { sessionCookieOf } from './credential.ts'
import { HttpProblem } from '../http/problem.ts'
import { assertionOf } from './cloudflare-access.ts'

const isLocalHost = (host: string) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)

/** A local server that answers other names could be reached by any web page (DNS rebinding). */
export function refuseForeignHost(config: Config, request: Request): HttpProblem | null {
  if (config.runtime !== 'local') return null
  const { host: asked } = new URL(request.url)
  const host = request.headers.get('host') ?? asked
  const isKnown = isLocalHost(host) || isLanHost(config, request, host)
  if (isKnown && new URL(`http://${host}`).host === asked && !hasRuntimeHeader(request)) return null
  return new HttpProblem('forbidden', 'This server answers only to localhost, 127.0.0.1 and [::1].')
}

/** Other names count only for what came in by the listener for the network, which marks it: nobody there is the person at this machine. */
const isLanHost = ({ lan }: Config, { headers }: Request, host: string) =>
  headers.has('x-forwarded-for') && lan.hosts.includes(host.replace(/:\d+$/, '').toLowerCase())

/** Headers by which the local runtime talks to itself; one of them makes it believe another address. Nobody else sends any. */
const hasRuntimeHeader = ({ headers }: Request) =>
  [...headers.keys()].some((name) => name.startsWith('mf-'))

const UNREADABLE = 'This address is malformed. Each % sign must be followed by two hex digits.'

/** Kit answers an address that cannot be read with a page; a program wants a problem. */
export function refuseUnreadable({ url }: Request): HttpProblem | null {
  const { pathname } = new URL(url)
  try {
    decodeURIComponent(pathname)
    return null
  } catch {
    return /^\/(api|v1)\//.test(pathname) ? new HttpProblem('not_found', UNREADABLE) : null
  }
}

/** Another site, or another port of this machine, may not use the API through a person's browser. */
export function refuseForeignSite(request: Request): HttpProblem | null {
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  const isOurs =
    (site === null || site === 'same-origin' || site === 'none') &&
    (origin === null || origin === new URL(request.url).origin)
  return isOurs
    ? null
    : new HttpProblem(
        'forbidden',
        'The request comes from another site. Open Porchlight itself and try again there.',
      )
}

const UNSAFE = /^(?!GET$|HEAD$|OPTIONS$)/

/** Who is known by a cookie must show that our own page asks, in all that changes anything. Stands before every route. */
export const sameOrigin = (config: Config) =>
  createMiddleware(async (c, next) => {
    const refusal =
      refuseForeignSite(c.req.raw) ??
      (UNSAFE.test(c.req.method) ? refuseUnproven(config, c.req.raw) : null)
    if (refusal) throw refusal
    await next()
  })

/** The same for a GET that streams, or makes the home be asked. */
export const fromOwnPage = (config: Config) =>
  createMiddleware(async (c, next) => {
    const refusal = refuseUnproven(config, c.req.raw)
    if (refusal) throw refusal
    await next()
  })

/** By a browser alone these are sent without being asked for: what it keeps for us, and what Access adds. */
const isKnownByBrowser = (config: Config, request: Request) =>
  sessionCookieOf(request) !== null || assertionOf(config, request) !== null

export function refuseUnproven(config: Config, request: Request): HttpProblem | null {
  if (!isKnownByBrowser(config, request) || isProven(config, request)) return null
  return new HttpProblem(
    'forbidden',
    'The request does not prove that it comes from Porchlight’s own page.',
  )
}

function isProven({ runtime }: Config, { headers, url }: Request): boolean {
  const { origin, protocol } = new URL(url)
  if (headers.get('sec-fetch-site') === 'same-origin' || headers.get('origin') === origin)
    return true
  // On plain http in the same network a browser sends neither with a GET. A header of our own no other site may send.
  return (
    runtime === 'local' &&
    protocol === 'http:' &&
    headers.get('sec-fetch-site') === null &&
    headers.has('x-porchlight')
  )
}
