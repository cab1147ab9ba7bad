import type { Evidence, Response } from '../evidence.ts'
import { listedModels } from '../ollama.ts'
import { isGreeting, isOllamaNotFound } from './access.ts'
import { has, hasStatus, isEmpty, isRedirect, type Fingerprint } from './fingerprint.ts'

/** Apache reports its own timeout as 502; only the duration distinguishes it from a refusal. */
const APACHE_TIMEOUT_MS = 1900
/** A proxy that answers faster has not waited, whatever the status means. */
const AT_ONCE_MS = 500

const isSuccess = ({ status }: Response) => status >= 200 && status < 300
const NOT_FOUND = '404 page not found'
/** Go's own 404 has a line break or `nosniff`; Ollama's router adds neither. */
const isGoProxyNotFound = ({ body, headers }: Response) =>
  body === `${NOT_FOUND}\n` ||
  (body.trim() === NOT_FOUND && headers['x-content-type-options'] === 'nosniff')
const WELCOME =
  /Welcome to nginx|<h1>It works!|Apache2 \w+ Default Page|Welcome to OpenResty|Caddy works!|IIS Windows Server|Test Page for the (Apache|HTTP Server)/i

const listsModels = (_: Response, { tags }: Evidence) => (listedModels(tags) ?? []).length > 0

/** Proxies that answer in place of a home, and servers that are not Ollama. The last rows match everything else. */
export const SERVER_FINGERPRINTS: readonly Fingerprint[] = [
  {
    reason: 'no_route_for_name',
    when: (answer) =>
      answer.headers.server === 'cloudflare' && isEmpty(answer) && hasStatus(404, 503)(answer),
  },
  { reason: 'proxy_cannot_resolve', when: has(/DNS lookup failure for:/) },
  {
    reason: 'proxy_waited',
    when: (answer) =>
      (hasStatus(504, 408)(answer) && answer.ms > AT_ONCE_MS) ||
      (answer.status === 502 && answer.ms > APACHE_TIMEOUT_MS),
  },
  {
    reason: 'every_other_fails',
    when: (answer, evidence) => answer.status >= 500 && listsModels(answer, evidence),
  },
  { reason: 'proxy_bad_gateway', when: hasStatus(408, 500, 502, 503, 504) },
  {
    reason: 'too_old',
    when: (answer, evidence) => isOllamaNotFound(answer) && isGreeting(evidence),
  },
  {
    reason: 'llama_cpp',
    when: (answer, evidence) => hasStatus(404)(answer) && listsModels(answer, evidence),
  },
  { reason: 'no_router', when: (answer) => answer.status === 404 && isGoProxyNotFound(answer) },
  { reason: 'default_page', when: has(WELCOME) },
  { reason: 'unknown_path', when: hasStatus(404) },
  { reason: 'no_site_for_name', when: (answer) => isSuccess(answer) && isEmpty(answer) },
  {
    reason: 'open_webui',
    when: (answer) => isSuccess(answer) && /"deployment_id"/.test(answer.body),
  },
  { reason: 'other_service', when: (answer) => isSuccess(answer) || isRedirect(answer) },
]
