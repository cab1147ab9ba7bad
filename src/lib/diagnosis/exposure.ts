import type { Address } from './address.ts'
import type { Answer } from './evidence.ts'
import { listedModels, versionOf } from './ollama.ts'
import { providerOfHost, PROVIDERS, type ProviderName } from './providers.ts'
import type { Step } from './reasons/index.ts'

/** Whether a stranger who knows only the address can use the home's Ollama. */
export type Exposure = 'open' | 'closed' | 'unknown' | 'not_public'

/**
 * Judged by the answers to requests without credentials. The home is open only if Ollama itself sent both its version and its
 * models, because a proxy may let a single path through.
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
  return [version, tags].some(isRefusal) ? 'closed' : 'unknown'
}

/** A login, a refusal or a redirect to one. A broken answer proves nothing. */
const isRefusal = (answer: Answer) =>
  answer.kind === 'response' &&
  (([401, 403, 407] as number[]).includes(answer.status) ||
    (answer.status >= 300 && answer.status < 400))

const SET_AUTHORIZATION = 'OLLAMA_AUTHORIZATION="Basic $(printf %s you:a-long-password | base64)"'

/** How to close the tunnels that can be closed. The others need a proxy in front of Ollama that asks for a password. */
const CLOSING_COMMANDS: Partial<Record<ProviderName, string>> = {
  named: 'CF_ACCESS_CLIENT_ID=… CF_ACCESS_CLIENT_SECRET=…',
  ngrok: 'ngrok http 11434 --host-header=localhost:11434 --basic-auth="you:a-long-password"',
  caddy: 'basic_auth {\n  you {$HASH}  # caddy hash-password\n}',
  nginx: 'auth_basic "Ollama";\nauth_basic_user_file /etc/nginx/ollama.htpasswd;',
  ssh: 'auth_basic "Ollama";\nauth_basic_user_file /etc/nginx/ollama.htpasswd;',
  zrok: 'zrok share public http://localhost:11434 --basic-auth you:a-long-password',
  frp: 'httpUser = "you"\nhttpPassword = "a-long-password"',
}

/** The steps that close an open home, for its own tunnel if the host name identifies it. */
export function closingSteps(host: string): Step[] {
  const own = providerOfHost(host)
  if (own !== null && CLOSING_COMMANDS[own] === undefined) return proxySteps(PROVIDERS[own].name)
  const names = own === null ? (Object.keys(PROVIDERS) as ProviderName[]) : [own]
  const variants = names.flatMap((name) =>
    CLOSING_COMMANDS[name] ? [{ for: PROVIDERS[name].name, command: CLOSING_COMMANDS[name] }] : [],
  )
  return [
    {
      text: 'Let the tunnel, or the proxy in front of Ollama, ask for a password. With Cloudflare, put Access in front of the name, with a “Service Auth” policy, and set its token here.',
      ...(variants[0] ? { command: variants[0].command } : {}),
      by: 'tunnel',
      variants,
    },
    {
      text: 'If you set a password, give it to Porchlight, then check again.',
      command: SET_AUTHORIZATION,
    },
  ]
}

const proxySteps = (tunnel: string): Step[] => [
  {
    text: `${tunnel} admits everyone who knows the name. At home, let Caddy ask for a password in front of Ollama, and point the tunnel at Caddy.`,
    command:
      ':11435 {\n  basic_auth {\n    you {$HASH}  # caddy hash-password\n  }\n  reverse_proxy localhost:11434 {\n    header_up Host localhost:11434\n  }\n}',
  },
  { text: 'Give the password to Porchlight, then check again.', command: SET_AUTHORIZATION },
]

/** In older versions, a stranger who reaches `/api/create` may read Ollama's memory (CVE-2026-7482). */
export const SAFE_VERSION = '0.17.1'

/** `0.0.0` is a build from source, whose real version is unknown. */
export function isUnsafeVersion(version: string): boolean {
  const [mine, safe] = [version, SAFE_VERSION].map(
    (text) => text.split('-')[0]?.split('.').map(Number) ?? [],
  )
  if (!mine || !safe || mine.some(Number.isNaN) || mine.every((part) => part === 0)) return false
  const at = safe.findIndex((part, index) => part !== (mine[index] ?? 0))
  return at >= 0 && (mine[at] ?? 0) < (safe[at] ?? 0)
}
