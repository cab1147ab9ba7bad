import type { Evidence } from './evidence.ts'

interface Provider {
  name: string
  hosts: readonly string[]
  /** The command that opens the tunnel again, with the Host header that Ollama accepts. */
  start: string
  /** What makes Ollama accept the tunnel's host name. */
  acceptHost: string
}

const OPEN_OLLAMA = 'OLLAMA_HOST=0.0.0.0 ollama serve'

export const PROVIDERS = {
  cloudflared: {
    name: 'cloudflared',
    hosts: ['.trycloudflare.com', '.cfargotunnel.com'],
    start: 'cloudflared tunnel --url http://localhost:11434 --http-host-header localhost:11434',
    acceptHost: 'cloudflared tunnel --url http://localhost:11434 --http-host-header localhost:11434',
  },
  ngrok: {
    name: 'ngrok',
    hosts: ['.ngrok-free.app', '.ngrok-free.dev', '.ngrok.app', '.ngrok.dev', '.ngrok.io'],
    start: 'ngrok http 11434 --host-header=localhost:11434',
    acceptHost: 'ngrok http 11434 --host-header=localhost:11434',
  },
  tailscale: {
    name: 'Tailscale Funnel',
    hosts: ['.ts.net'],
    start: 'tailscale funnel --bg 11434',
    acceptHost: OPEN_OLLAMA,
  },
  localtunnel: {
    name: 'localtunnel',
    hosts: ['.loca.lt'],
    start: 'npx localtunnel --port 11434',
    acceptHost: OPEN_OLLAMA,
  },
  zrok: {
    name: 'zrok',
    hosts: ['.share.zrok.io', '.shares.zrok.io'],
    start: 'zrok share public http://localhost:11434',
    acceptHost: OPEN_OLLAMA,
  },
  bore: { name: 'bore', hosts: ['bore.pub'], start: 'bore local 11434 --to bore.pub', acceptHost: OPEN_OLLAMA },
} as const satisfies Record<string, Provider>

export type ProviderName = keyof typeof PROVIDERS

/** The tunnel in use, by the address or by what only that provider's edge says. `null`: not recognised. */
export function providerOf(evidence: Evidence): ProviderName | null {
  const { host } = evidence.address
  for (const [name, { hosts }] of Object.entries(PROVIDERS)) {
    if (hosts.some((suffix) => host === suffix || host.endsWith(suffix))) return name as ProviderName
  }
  const answer = evidence.version
  if (answer?.kind === 'response' && answer.headers['ngrok-error-code']) return 'ngrok'
  if (answer?.kind === 'response' && /error code: 1033|"error_code":\s*1033|Cloudflare Tunnel error/.test(answer.body))
    return 'cloudflared'
  return null
}
