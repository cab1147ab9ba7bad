import type { Address } from './address.ts'
import type { Answer } from './evidence.ts'
import { listedModels, versionOf } from './ollama.ts'
import { PROVIDERS, type ProviderName } from './providers.ts'
import type { Step } from './reasons/index.ts'

/** Whether somebody who knows the address, and nothing else, can use the home's Ollama. */
export type Exposure = 'open' | 'closed' | 'unknown' | 'not_public'

/**
 * Judged by what came back without any credentials. Open is said only when Ollama itself gave its version and its models:
 * a wall may let one path through.
 */
export function judgeExposure(
  { reach }: Address,
  version: Answer | null,
  tags: Answer | null,
): Exposure {
  if (reach !== 'public') return 'not_public'
  if (version?.kind !== 'response' || tags?.kind !== 'response') return 'unknown'
  const isOllama = versionOf(version) !== null
  if (isOllama && listedModels(tags) !== null) return 'open'
  const refusals = [version, tags].filter(isWall)
  return refusals.length > 0 ? 'closed' : 'unknown'
}

/** A login, a refusal, or a page that wants one. What is broken proves nothing. */
const isWall = (answer: Answer) =>
  answer.kind === 'response' &&
  (([401, 403, 407] as number[]).includes(answer.status) ||
    (answer.status >= 300 && answer.status < 400))

const SET_AUTHORIZATION = 'OLLAMA_AUTHORIZATION="Basic $(printf %s you:a-long-password | base64)"'

/** How each tunnel is closed, by those that can be. The others need something in front of Ollama that asks for a password. */
const CLOSE: Partial<Record<ProviderName, string>> = {
  named: 'CF_ACCESS_CLIENT_ID=… CF_ACCESS_CLIENT_SECRET=…',
  ngrok: 'ngrok http 11434 --host-header=localhost:11434 --basic-auth="you:a-long-password"',
  caddy: 'basic_auth {\n  you {$HASH}  # caddy hash-password\n}',
  nginx: 'auth_basic "Ollama";\nauth_basic_user_file /etc/nginx/ollama.htpasswd;',
  ssh: 'auth_basic "Ollama";\nauth_basic_user_file /etc/nginx/ollama.htpasswd;',
  zrok: 'zrok share public http://localhost:11434 --basic-auth you:a-long-password',
  frp: 'httpUser = "you"\nhttpPassword = "a-long-password"',
}

const isOf = (host: string, [, { hosts }]: [string, { hosts: readonly string[] }]) =>
  hosts.some((end) => host === end || (end.startsWith('.') && host.endsWith(end)))

/** What closes it, the tunnel that the name gives away first. */
export function closingSteps(host: string): Step[] {
  const providers = Object.entries(PROVIDERS) as [ProviderName, (typeof PROVIDERS)[ProviderName]][]
  const own = providers.find((entry) => isOf(host, entry))?.[0]
  if (own !== undefined && CLOSE[own] === undefined) return otherWay(PROVIDERS[own].name)
  const order = [...providers].sort(([a], [b]) => Number(b === own) - Number(a === own))
  const variants = order.flatMap(([key, { name }]) =>
    CLOSE[key] ? [{ for: name, command: CLOSE[key] }] : [],
  )
  const kept = own === undefined ? variants : variants.slice(0, 1)
  return [
    {
      text: 'Let the tunnel, or the proxy in front of Ollama, ask for a password. With Cloudflare, put Access in front of the name, with a “Service Auth” policy, and set its token here.',
      ...(kept[0] ? { command: kept[0].command } : {}),
      by: 'tunnel',
      variants: kept,
    },
    {
      text: 'If you set a password, give it to Porchlight, then check again.',
      command: SET_AUTHORIZATION,
    },
  ]
}

const otherWay = (tunnel: string): Step[] => [
  {
    text: `${tunnel} admits everyone who knows the name. At home, let Caddy ask for a password in front of Ollama, and point the tunnel at Caddy.`,
    command:
      ':11435 {\n  basic_auth {\n    you {$HASH}  # caddy hash-password\n  }\n  reverse_proxy localhost:11434 {\n    header_up Host localhost:11434\n  }\n}',
  },
  { text: 'Give the password to Porchlight, then check again.', command: SET_AUTHORIZATION },
]

/** Below this, a stranger who reaches `/api/create` may read the memory of Ollama (CVE-2026-7482). */
export const SAFE_VERSION = '0.17.1'

/** `0.0.0` is a build from source, and says nothing. */
export function isUnsafeVersion(version: string): boolean {
  const [mine, safe] = [version, SAFE_VERSION].map(
    (text) => text.split('-')[0]?.split('.').map(Number) ?? [],
  )
  if (!mine || !safe || mine.some(Number.isNaN) || mine.every((part) => part === 0)) return false
  const at = safe.findIndex((part, index) => part !== (mine[index] ?? 0))
  return at >= 0 && (mine[at] ?? 0) < (safe[at] ?? 0)
}
