import { createMiddleware } from 'hono/factory'
import type { Config } from '../config.ts'
import { sessionCookieOf } from './credential.ts'
import { HttpProblem } from '../http/problem.ts'
import { assertionOf } from './cloudflare-access.ts'

const isLocalHost = (host: string) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host)

/** If a local server answered to any host name, every web page could reach it (DNS rebinding). */
export function foreignHostProblem(config: Config, request: Request): HttpProblem | null {
  if (config.runtime !== 'local') return null
  const url = new URL(request.url)
  const host = request.headers.get('host') ?? url.host
  const isKnown = isLocalHost(host) || isLanHost(config, request, host)
  if (isKnown && new URL(`http://${host}`).host === url.host && !hasRuntimeHeader(request))
    return null
  return new HttpProblem('forbidden', 'This server answers only to localhost, 127.0.0.1 and [::1].')
}

/** Other host names are valid only on the LAN listener. It sets this header, so its clients are never the person at this machine. */
const isLanHost = ({ lan }: Config, { headers }: Request, host: string) =>
  headers.has('x-forwarded-for') && lan.hosts.includes(host.replace(/:\d+$/, '').toLowerCase())

/** The local runtime’s internal headers. One of them overrides the request’s address, so no client may send them. */
const hasRuntimeHeader = ({ headers }: Request) =>
  [...headers.keys()].some((name) => name.startsWith('mf-'))

const UNREADABLE_PATH = 'This address is malformed. Each % sign must be followed by two hex digits.'

/** SvelteKit would answer with an HTML page; API clients get a problem. */
export function unreadablePathProblem({ url }: Request): HttpProblem | null {
  const { pathname } = new URL(url)
  try {
    decodeURIComponent(pathname)
    return null
  } catch {
    return /^\/(api|v1)\//.test(pathname) ? new HttpProblem('not_found', UNREADABLE_PATH) : null
  }
}

/** Another site, or another port of this machine, must not use the API through a person’s browser. */
export function foreignSiteProblem(request: Request): HttpProblem | null {
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  const isSameOrigin =
    (site === null || site === 'same-origin' || site === 'none') &&
    (origin === null || origin === new URL(request.url).origin)
  return isSameOrigin
    ? null
    : new HttpProblem(
        'forbidden',
        'The request comes from another site. Open Porchlight itself and try again there.',
      )
}

const UNSAFE = /^(?!GET$|HEAD$|OPTIONS$)/

/** Before every route. A request that changes something with a cookie’s rights must prove that our own page sent it. */
export const sameOrigin = (config: Config) =>
  createMiddleware(async (c, next) => {
    const problem =
      foreignSiteProblem(c.req.raw) ??
      (UNSAFE.test(c.req.method) ? unprovenOriginProblem(config, c.req.raw) : null)
    if (problem) throw problem
    await next()
  })

/** The same proof for a GET that streams, or that sends a request to the home. */
export const fromOwnPage = (config: Config) =>
  createMiddleware(async (c, next) => {
    const problem = unprovenOriginProblem(config, c.req.raw)
    if (problem) throw problem
    await next()
  })

/** A browser sends the session cookie on its own, and Access adds its assertion. */
const hasAmbientCredential = (config: Config, request: Request) =>
  sessionCookieOf(request) !== null || assertionOf(config, request) !== null

export function unprovenOriginProblem(config: Config, request: Request): HttpProblem | null {
  if (!hasAmbientCredential(config, request) || isProven(config, request)) return null
  return new HttpProblem(
    'forbidden',
    'The request does not prove that it comes from Porchlight’s own page.',
  )
}

function isProven({ runtime }: Config, { headers, url }: Request): boolean {
  const { origin, protocol } = new URL(url)
  if (headers.get('sec-fetch-site') === 'same-origin' || headers.get('origin') === origin)
    return true
  // On plain http a browser sends neither with a GET. Another site cannot send our own header without permission (CORS).
  return (
    runtime === 'local' &&
    protocol === 'http:' &&
    headers.get('sec-fetch-site') === null &&
    headers.has('x-porchlight')
  )
}
