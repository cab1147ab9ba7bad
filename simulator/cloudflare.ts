/** Pages that Cloudflare's edge sends itself: JSON to clients that accept it, otherwise HTML. */
import { randomBytes } from 'node:crypto'
import { httpDate } from './durations.ts'
import type { Head } from './incoming.ts'
import type { Answer, HeaderLines } from './reply.ts'

interface EdgeError {
  status: number
  reason: string
  name: string
  category: 'access_denied' | 'cloudflare' | 'config' | 'dns' | 'origin' | 'rate_limit' | 'ssl'
  title: string
  retryable: boolean
  retryAfter?: number
  ownerMustAct: boolean
}

const TUNNEL = { status: 530, reason: '<none>', retryable: true, ownerMustAct: true } as const
const DENIED = {
  status: 403,
  reason: 'Forbidden',
  category: 'access_denied',
  retryable: false,
  ownerMustAct: true,
} as const

const ORIGIN = {
  reason: '<none>',
  category: 'origin',
  retryable: true,
  retryAfter: 60,
  ownerMustAct: true,
} as const

export const EDGE_ERRORS = {
  502: {
    status: 502,
    reason: 'Bad Gateway',
    name: 'origin_bad_gateway',
    category: 'origin',
    title: 'Bad gateway',
    retryable: true,
    retryAfter: 60,
    ownerMustAct: true,
  },
  500: {
    ...ORIGIN,
    status: 500,
    reason: 'Internal Server Error',
    name: 'internal_error',
    category: 'cloudflare',
    title: 'Internal server error',
  },
  504: {
    ...ORIGIN,
    status: 504,
    reason: 'Gateway Time-out',
    name: 'origin_gateway_timeout',
    title: 'Gateway time-out',
  },
  520: {
    ...ORIGIN,
    status: 520,
    name: 'origin_unknown_error',
    title: 'Web server is returning an unknown error',
  },
  521: { ...ORIGIN, status: 521, name: 'origin_down', title: 'Web server is down' },
  522: { ...ORIGIN, status: 522, name: 'origin_connection_timeout', title: 'Connection timed out' },
  523: { ...ORIGIN, status: 523, name: 'origin_unreachable', title: 'Origin is unreachable' },
  524: {
    status: 524,
    reason: '<none>',
    name: 'origin_response_timeout',
    category: 'origin',
    title: 'A timeout occurred',
    retryable: true,
    retryAfter: 120,
    ownerMustAct: true,
  },
  525: {
    status: 525,
    reason: '<none>',
    name: 'origin_ssl_handshake_failed',
    category: 'ssl',
    title: 'SSL handshake failed',
    retryable: false,
    ownerMustAct: true,
  },
  526: {
    status: 526,
    reason: '<none>',
    name: 'origin_invalid_ssl_certificate',
    category: 'ssl',
    title: 'Invalid SSL certificate',
    retryable: false,
    ownerMustAct: true,
  },
  1000: { ...DENIED, name: 'dns_prohibited_ip', title: 'DNS points to prohibited IP' },
  1014: { ...DENIED, name: 'cname_cross_user', title: 'CNAME cross-user banned' },
  1003: { ...DENIED, name: 'direct_ip_access', title: 'Direct IP access not allowed' },
  1010: { ...DENIED, name: 'browser_signature_banned', title: 'Access denied' },
  1015: {
    status: 429,
    reason: 'Too Many Requests',
    name: 'rate_limited',
    category: 'rate_limit',
    title: 'You are being rate limited',
    retryable: true,
    retryAfter: 30,
    ownerMustAct: false,
  },
  1016: {
    ...TUNNEL,
    name: 'origin_dns_error',
    category: 'dns',
    title: 'Origin DNS error',
    retryable: false,
  },
  1020: { ...DENIED, name: 'access_denied', title: 'Access denied' },
  1033: {
    ...TUNNEL,
    name: 'tunnel_error',
    category: 'config',
    title: 'Cloudflare Tunnel error',
    retryAfter: 120,
  },
} as const satisfies Record<number, EdgeError>

export type EdgeCode = keyof typeof EDGE_ERRORS
export type Form = 'asked' | 'json' | 'text' | 'html'

const errorOf = (code: EdgeCode): EdgeError => EDGE_ERRORS[code]

function edgeHeaders(ray: string, contentType: string, more: HeaderLines = []): HeaderLines {
  return [
    ['Date', httpDate()],
    ['Content-Type', contentType],
    ['Connection', 'keep-alive'],
    ...more,
    [
      'Cache-Control',
      'private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0',
    ],
    ['Server', 'cloudflare'],
    ['CF-RAY', `${ray}-FRA`],
  ]
}

function problem(code: EdgeCode, ray: string, zone: string): string {
  const error = errorOf(code)
  const family = code >= 1000 ? '1xxx' : '5xx'
  return JSON.stringify({
    type: `https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-${family}-errors/error-${code}/`,
    title: `Error ${code}: ${error.title}`,
    status: error.status,
    detail: error.title,
    instance: ray,
    error_code: code,
    error_name: error.name,
    error_category: error.category,
    ray_id: ray,
    timestamp: new Date().toISOString(),
    zone,
    cloudflare_error: true,
    retryable: error.retryable,
    ...(error.retryAfter ? { retry_after: error.retryAfter } : {}),
    owner_action_required: error.ownerMustAct,
  })
}

function page(code: EdgeCode, ray: string, zone: string): string {
  const { title } = errorOf(code)
  const label = code >= 1000 ? 'Error' : 'Error code'
  const link = `https://www.cloudflare.com/5xx-error-landing?utm_source=errorcode_${code}&amp;utm_campaign=${zone}`
  return `<!DOCTYPE html>
<html lang="en-US">
<head><title>${title} | ${zone} | Cloudflare</title></head>
<body>
<div id="cf-wrapper">
<div id="cf-error-details">
<h1><span>${label}</span> <span>${code}</span></h1>
<h2>${title}</h2>
<p><a href="${link}">What happened?</a></p>
<p>${label} ${code} &bull; Ray ID: <strong>${ray}</strong></p>
</div>
</div>
</body>
</html>
`
}

const FORMS = {
  json: { contentType: 'application/json; charset=utf-8', body: problem },
  text: {
    contentType: 'text/plain; charset=UTF-8',
    body: (code: EdgeCode) => `error code: ${code}`,
  },
  html: { contentType: 'text/html; charset=UTF-8', body: page },
} as const satisfies Record<
  Exclude<Form, 'asked'>,
  { contentType: string; body: (code: EdgeCode, ray: string, zone: string) => string }
>

export function edgeAnswer(code: EdgeCode, { headers }: Head, form: Form = 'asked'): Answer {
  const ray = randomBytes(8).toString('hex')
  const asked = headers.accept?.match(/application\/(problem\+)?json/) ? 'json' : 'html'
  const { contentType, body } = FORMS[form === 'asked' ? asked : form]
  const { status, reason, retryAfter } = errorOf(code)
  const more: HeaderLines = retryAfter ? [['Retry-After', String(retryAfter)]] : []
  const zone = (headers.host ?? 'home.example').replace(/:\d+$/, '')
  return {
    status,
    reason,
    headers: edgeHeaders(ray, contentType, more),
    body: body(code, ray, zone),
  }
}

/** The answer of the origin behind a tunnel, with the edge's own headers added. */
export function passedOn(status: number): Answer {
  const ray = randomBytes(8).toString('hex')
  const headers: HeaderLines = [
    ['Date', httpDate()],
    ['Content-Length', '0'],
    ['Connection', 'keep-alive'],
    ['cf-cache-status', 'DYNAMIC'],
    ['Server', 'cloudflare'],
    ['CF-RAY', `${ray}-FRA`],
  ]
  return { status, headers, body: '' }
}

export const bare530 = (): Answer => ({ ...passedOn(530), reason: '<none>' })

export function challenge(): Answer {
  const body = `<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript and cookies to continue</noscript></body></html>\n`
  return {
    status: 403,
    headers: edgeHeaders(randomBytes(8).toString('hex'), 'text/html; charset=UTF-8', [
      ['cf-mitigated', 'challenge'],
    ]),
    body,
  }
}

const TEAM = 'https://yourteam.cloudflareaccess.com'

export function accessLogin({ headers, target }: Head): Answer {
  const host = headers.host ?? 'home.example'
  const more: HeaderLines = [
    [
      'Location',
      `${TEAM}/cdn-cgi/access/login/${host}?kid=0f1e2d3c&redirect_url=${encodeURIComponent(target)}`,
    ],
    [
      'WWW-Authenticate',
      `Cloudflare-Access resource_metadata="https://${host}/.well-known/cloudflare-access-protected-resource/"`,
    ],
    ['Access-Control-Allow-Credentials', 'true'],
  ]
  return {
    status: 302,
    headers: edgeHeaders(randomBytes(8).toString('hex'), 'text/html', more),
    body: '',
  }
}

export function accessForbidden({ headers }: Head): Answer {
  const more: HeaderLines = [
    ['cf-access-aud', '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0'],
    ['cf-access-domain', headers.host ?? 'home.example'],
  ]
  const body = `<!DOCTYPE html><html><head><title>Forbidden</title></head><body><h1>Forbidden</h1><p>You don't have permission to view this. Please contact your system administrator.</p></body></html>\n`
  return {
    status: 403,
    headers: edgeHeaders(randomBytes(8).toString('hex'), 'text/html', more),
    body,
  }
}
