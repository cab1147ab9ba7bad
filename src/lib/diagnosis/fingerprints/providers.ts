import { providerOfHost } from '../providers.ts'
import { has, hasStatus, isEmpty, isRedirect, targetOf, type Fingerprint } from './fingerprint.ts'
import type { Evidence, Response } from '../evidence.ts'
import type { ReasonName } from '../reasons/index.ts'

const hasSentToken = ({ sent }: Evidence) => sent?.accessToken === true

function asksForAccess(answer: Response, { address }: Evidence): boolean {
  if (/^cloudflare-access/i.test(answer.headers['www-authenticate'] ?? '')) return true
  const target = isRedirect(answer) ? targetOf(answer, address.origin) : null
  return (
    target !== null &&
    (target.hostname.endsWith('.cloudflareaccess.com') ||
      target.pathname.startsWith('/cdn-cgi/access/'))
  )
}

/** Answers that only Cloudflare Access sends. They are checked before Cloudflare's error codes. */
export const ACCESS_FINGERPRINTS: readonly Fingerprint[] = [
  { reason: 'challenge', when: ({ headers }) => headers['cf-mitigated'] === 'challenge' },
  {
    reason: 'access_token_rejected',
    when: (answer, evidence) => asksForAccess(answer, evidence) && hasSentToken(evidence),
  },
  { reason: 'access_login', when: asksForAccess },
  {
    reason: 'access_forbidden',
    when: ({ headers, status }) => status === 403 && headers['cf-access-domain'] !== undefined,
  },
]

const isAt =
  (name: 'tailscale' | 'zrok' | 'localtunnel') =>
  ({ address }: Evidence) =>
    providerOfHost(address.host) === name

/** Pages that only one provider shows, and answers with a meaning only at a provider's own host names. */
export const PROVIDER_FINGERPRINTS: readonly Fingerprint[] = [
  { reason: 'frp_not_found', when: has(/Faithfully yours, frp/) },
  {
    reason: 'interstitial',
    when: has(/skip_zrok_interstitial|bypass-tunnel-reminder|Tunnel Password|X-Pinggy-No-Screen/i),
  },
  {
    reason: 'zrok_offline',
    when: (answer) => hasStatus(404, 502)(answer) && /<title>zrok\b/.test(answer.body),
  },
  { reason: 'localtunnel_offline', when: has(/Tunnel Unavailable/) },
  {
    reason: 'localtunnel_offline',
    when: ({ status, body }, evidence) =>
      status === 404 && body.trim() === '404' && isAt('localtunnel')(evidence),
  },
  { reason: 'bare_404', when: ({ status, body }) => status === 404 && body.trim() === '404' },
  {
    reason: 'origin_refused',
    when: (answer, evidence) =>
      answer.status === 502 &&
      isEmpty(answer) &&
      (isAt('tailscale')(evidence) || isAt('zrok')(evidence)),
  },
]

/** Source: https://ngrok.com/docs/errors. The upstream cannot set this header. */
export const NGROK_REASONS: ReadonlyMap<string, ReasonName> = new Map<string, ReasonName>([
  ['ERR_NGROK_3200', 'ngrok_offline'],
  ['ERR_NGROK_3209', 'ngrok_offline'],
  ['ERR_NGROK_3210', 'ngrok_link_lost'],
  ['ERR_NGROK_8012', 'origin_refused'],
  ['ERR_NGROK_3004', 'origin_not_http'],
  ['ERR_NGROK_3006', 'origin_refused'],
  ['ERR_NGROK_3009', 'origin_refused'],
  ['ERR_NGROK_6024', 'interstitial'],
  ['ERR_NGROK_702', 'provider_limit'],
  ['ERR_NGROK_725', 'provider_limit'],
  ['ERR_NGROK_726', 'provider_limit'],
  ['ERR_NGROK_727', 'provider_limit'],
  ['ERR_NGROK_728', 'provider_limit'],
  ['ERR_NGROK_729', 'provider_limit'],
  ['ERR_NGROK_3203', 'provider_policy'],
  ['ERR_NGROK_3204', 'provider_policy'],
  ['ERR_NGROK_3205', 'provider_policy'],
  ['ERR_NGROK_3208', 'provider_policy'],
  ['ERR_NGROK_3211', 'provider_policy'],
])
