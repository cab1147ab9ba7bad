import { cloudflareCode, CLOUDFLARE_CODES } from './cloudflare.ts'
import type { Evidence, Response } from './evidence.ts'
import { isAddressLiteral } from './address.ts'
import type { ReasonName } from './reasons/index.ts'

interface Sign {
  reason: ReasonName
  when: (answer: Response, evidence: Evidence) => boolean
}

const NGROK_CODES: Readonly<Record<string, ReasonName>> = {
  ERR_NGROK_3200: 'ngrok_offline',
  ERR_NGROK_3209: 'ngrok_offline',
  ERR_NGROK_8012: 'origin_refused',
  ERR_NGROK_3004: 'origin_refused',
  ERR_NGROK_6024: 'interstitial',
}

const isEmpty = ({ body }: Response) => body.trim() === ''
const isRedirect = ({ status }: Response) => status >= 300 && status < 400
const hasLocation =
  (test: (target: URL, origin: string) => boolean) =>
  (answer: Response, { address }: Evidence) => {
    const location = answer.headers.location ?? ''
    return (
      isRedirect(answer) &&
      URL.canParse(location, address.origin) &&
      test(new URL(location, address.origin), address.origin)
    )
  }
const isAccessLogin = hasLocation(
  (target) => target.hostname.endsWith('.cloudflareaccess.com') || target.pathname.startsWith('/cdn-cgi/access/'),
)
const isSentToHttps = hasLocation(
  (target, origin) =>
    target.protocol === 'https:' && target.hostname === new URL(origin).hostname && origin.startsWith('http:'),
)
const bodyHas =
  (pattern: RegExp) =>
  ({ body }: Response) =>
    pattern.test(body)

/** Ollama's CORS layer runs before its Host check, so only Ollama's own refusal carries the header. Recorded. */
const provesHostCheck = ({ withOrigin }: Evidence) =>
  withOrigin?.kind === 'response' &&
  withOrigin.status === 403 &&
  withOrigin.headers['access-control-allow-origin'] !== undefined

/**
 * What an answer that is not Ollama's says about the hop that made it. First match wins, so a sign that only one
 * program can give stands before signs that several share.
 */
const SIGNS: readonly Sign[] = [
  { reason: 'challenge', when: ({ headers }) => headers['cf-mitigated'] === 'challenge' },
  {
    reason: 'access_login',
    when: (answer, evidence) =>
      /^cloudflare-access/i.test(answer.headers['www-authenticate'] ?? '') || isAccessLogin(answer, evidence),
  },
  { reason: 'access_forbidden', when: ({ headers }) => headers['cf-access-domain'] !== undefined },
  { reason: 'frp_not_found', when: bodyHas(/Faithfully yours, frp/) },
  { reason: 'interstitial', when: bodyHas(/skip_zrok_interstitial|bypass-tunnel-reminder|Tunnel Password/) },
  { reason: 'zrok_offline', when: bodyHas(/<title>zrok -/) },
  {
    reason: 'localtunnel_offline',
    when: ({ status, body }) => /Tunnel Unavailable/.test(body) || (status === 404 && body.trim() === '404'),
  },
  {
    reason: 'plain_to_tls',
    when: ({ status, body }) =>
      status === 400 &&
      /plain HTTP request was sent to HTTPS|HTTP request to an HTTPS server|plain HTTP to an SSL-enabled/i.test(body),
  },
  { reason: 'password_wanted', when: ({ status }) => status === 401 || status === 407 },
  { reason: 'wants_https', when: isSentToHttps },
  { reason: 'login_redirect', when: isRedirect },
  {
    reason: 'host_check',
    when: (answer, evidence) => answer.status === 403 && isEmpty(answer) && provesHostCheck(evidence),
  },
  { reason: 'empty_refusal', when: (answer) => answer.status === 403 && isEmpty(answer) },
  { reason: 'rule_blocked', when: ({ status }) => status === 403 || status === 405 || status === 451 },
  { reason: 'rate_limited', when: ({ status }) => status === 429 },
  {
    reason: 'no_route_for_name',
    when: (answer) =>
      answer.headers.server === 'cloudflare' && isEmpty(answer) && (answer.status === 404 || answer.status === 503),
  },
  { reason: 'proxy_bad_gateway', when: bodyHas(/DNS lookup failure for:/) },
  // Apache calls its own time-out 502; only the seconds that it took tell it from a refusal.
  {
    reason: 'proxy_waited',
    when: ({ status, ms }) => status === 504 || status === 408 || (status === 502 && ms > 1900),
  },
  { reason: 'proxy_bad_gateway', when: ({ status }) => status === 502 || status === 503 },
  { reason: 'unknown_path', when: ({ status }) => status === 404 },
  { reason: 'other_service', when: ({ status }) => status >= 200 && status < 300 },
]

/** The reason that one foreign answer gives. `unnamed` keeps the evidence for the person to copy. */
export function readForeign(answer: Response, evidence: Evidence): ReasonName {
  const ngrok = answer.headers['ngrok-error-code']
  if (ngrok) return NGROK_CODES[ngrok] ?? 'provider_refuses'
  const first = SIGNS.slice(0, 3).find((sign) => sign.when(answer, evidence))
  if (first) return first.reason
  const code = cloudflareCode(answer)
  if (code !== null) return CLOUDFLARE_CODES.get(code) ?? 'unnamed'
  return SIGNS.find((sign) => sign.when(answer, evidence))?.reason ?? 'unnamed'
}

/** The reason that silence gives: what was thrown, beside what the resolver and a bare connection showed. */
export function readSilence(
  evidence: Evidence,
  error: 'lost' | 'internal' | 'overloaded' | 'timeout' | 'other',
): ReasonName {
  if (error === 'lost') return readLostConnection(evidence)
  if (error === 'internal') return readInternalError(evidence)
  if (error === 'timeout' || error === 'overloaded') return nameProblem(evidence) ?? 'no_answer'
  return nameProblem(evidence) ?? 'unnamed_silence'
}

function readLostConnection({ socket, address, runtime }: Evidence): ReasonName {
  if (socket === 'closes') return 'far_end_refuses'
  if (socket === 'speaks') return 'not_http'
  // Deployed, a Worker may not open sockets to many places, so a socket that does not open says nothing there.
  if (socket === 'nobody' && runtime === 'local')
    return address.reach === 'loopback' ? 'nothing_listens_here' : 'refused'
  return 'connection_dropped'
}

function readInternalError(evidence: Evidence): ReasonName {
  const { address, socket, resolution } = evidence
  const problem = nameProblem(evidence)
  if (problem) return problem
  const opens = socket !== undefined && socket !== 'nobody'
  if (address.scheme === 'https' && opens) return 'tls_handshake'
  if (resolution || isAddressLiteral(address.host)) return opens ? 'connection_dropped' : 'not_reachable'
  return 'name_probably_not_found'
}

/** A resolver that could not be reached is no evidence, never a DNS failure. */
function nameProblem({ resolution, address }: Evidence): ReasonName | null {
  if (!resolution) return null
  if (resolution.status === 3) return address.reach === 'single_label' ? 'docker_name' : 'name_not_found'
  if (resolution.status === 2) return 'name_server_failed'
  return resolution.status === 0 && resolution.addresses.length === 0 ? 'name_without_address' : null
}
