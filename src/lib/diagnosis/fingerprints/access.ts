import type { Address } from '../address.ts'
import type { Answer, Evidence, Response } from '../evidence.ts'
import { listedModels } from '../ollama.ts'
import {
  has,
  hasStatus,
  isEmptyRefusal,
  isRedirect,
  targetOf,
  type Fingerprint,
} from './fingerprint.ts'

const LOGIN_WORDS = /log-?in|sign-?in|auth|sso|oauth|saml|outpost|account|session/i
const LOGIN_FORM = /<input[^>]+type=["']?password|<form[^>]*(login|signin|auth)|name=["']?password/i
export const GREETING = 'Ollama is running'

/** Ollama's router sends this for an unknown route: without a line break and without `nosniff`. */
export const isOllamaNotFound = ({ status, body, headers }: Response) =>
  status === 404 && body === '404 page not found' && headers['x-content-type-options'] === undefined

export const isGreeting = (evidence: Evidence) =>
  evidence.root?.kind === 'response' &&
  evidence.root.status === 200 &&
  evidence.root.body.trim() === GREETING

const isRefused = (one: Answer | undefined) => one?.kind === 'response' && one.status === 403

/** Only the scheme and its port change, so https:// in the address is enough. */
function isSentToHttps(answer: Response, { address }: Evidence): boolean {
  const target = isRedirect(answer) ? targetOf(answer, address.origin) : null
  if (target === null || address.scheme !== 'http' || target.protocol !== 'https:') return false
  const isUsualPort = (address: Pick<Address, 'port'>) =>
    address.port === 80 || address.port === 443
  return (
    target.hostname === address.host &&
    target.pathname === '/api/version' &&
    (isUsualPort(address) || Number(target.port || 443) === address.port)
  )
}

function isSentToLogin(answer: Response, { address }: Evidence): boolean {
  const target = isRedirect(answer) ? targetOf(answer, address.origin) : null
  return target !== null && LOGIN_WORDS.test(`${target.hostname}${target.pathname}`)
}

/** Ollama's CORS layer runs before its Host check, so only Ollama's own refusal gains the header. Verified with a recording. */
function provesHostCheck(answer: Response, { withOrigin, withForeignOrigin }: Evidence): boolean {
  const allows = (one: Answer | undefined) =>
    one?.kind === 'response' &&
    one.status === 403 &&
    one.headers['access-control-allow-origin'] !== undefined
  // A gateway that allows every origin also reflects the foreign one.
  return (
    allows(withOrigin) &&
    !allows(answer) &&
    isRefused(withForeignOrigin) &&
    !allows(withForeignOrigin)
  )
}

const isLetInWithOrigin = ({ withOrigin }: Evidence) =>
  withOrigin?.kind === 'response' && withOrigin.status === 200
const isHostCheck = (answer: Response, evidence: Evidence) =>
  isEmptyRefusal(answer) && provesHostCheck(answer, evidence)

/** Logins, refusals and redirects, by status and content. */
export const WALL_FINGERPRINTS: readonly Fingerprint[] = [
  {
    reason: 'plain_to_tls',
    when: (answer) =>
      answer.status === 400 &&
      has(
        /plain HTTP request was sent to HTTPS|HTTP request to an HTTPS server|plain HTTP to an SSL-enabled/i,
      )(answer),
  },
  { reason: 'network_login', when: hasStatus(511) },
  {
    reason: 'password_wrong',
    when: (answer, { sent }) => hasStatus(401, 407)(answer) && sent?.authorization === true,
  },
  {
    reason: 'password_wanted',
    when: (answer) =>
      hasStatus(401, 407)(answer) && answer.headers['www-authenticate'] !== undefined,
  },
  { reason: 'login_wanted', when: hasStatus(401, 407) },
  { reason: 'wants_https', when: isSentToHttps },
  { reason: 'login_redirect', when: isSentToLogin },
  {
    reason: 'sent_elsewhere',
    when: (answer, { address }) => {
      const target = isRedirect(answer) ? targetOf(answer, address.origin) : null
      return target !== null && target.origin !== address.origin
    },
  },
  {
    reason: 'host_check_sometimes',
    when: (answer, evidence) => isEmptyRefusal(answer) && listedModels(evidence.tags) !== null,
  },
  { reason: 'host_check', when: isHostCheck },
  {
    reason: 'origin_rejected',
    when: (answer, evidence) => isEmptyRefusal(answer) && isLetInWithOrigin(evidence),
  },
  { reason: 'empty_refusal', when: isEmptyRefusal },
  {
    reason: 'api_blocked',
    when: (answer, evidence) =>
      hasStatus(403, 404, 405, 451)(answer) && !isOllamaNotFound(answer) && isGreeting(evidence),
  },
  { reason: 'rule_blocked', when: hasStatus(403, 405, 418, 451) },
  { reason: 'too_long_for_proxy', when: hasStatus(413) },
  { reason: 'rate_limited', when: hasStatus(429) },
  { reason: 'login_page', when: (answer) => answer.status === 200 && LOGIN_FORM.test(answer.body) },
]
