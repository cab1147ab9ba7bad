import type { Evidence, Response } from './evidence.ts'

interface Provider {
  name: string
  /** The host names that only this provider gives out. A leading dot stands for all names below it. */
  hosts: readonly string[]
  /** Opens the tunnel, with a Host header that Ollama accepts if the tunnel can send one. `null`: no such command. */
  start: string | null
  /** Points the tunnel at Ollama's port. `null`: not possible in one command. */
  point: string | null
  /** Makes Ollama accept the name that the tunnel passes on. */
  acceptHost: string
  /** Shows at home whether the tunnel is up. `null`: no such command. */
  tunnelState: string | null
}

const OPEN_OLLAMA = 'OLLAMA_HOST=0.0.0.0 ollama serve'

/** Commands and host names, from `ollama/docs/faq` and each provider's documentation. The most common ones first. */
export const PROVIDERS = {
  quick: {
    name: 'cloudflared',
    hosts: ['.trycloudflare.com'],
    start: 'cloudflared tunnel --url http://localhost:11434 --http-host-header localhost:11434',
    point: 'cloudflared tunnel --url http://localhost:11434 --http-host-header localhost:11434',
    acceptHost:
      'cloudflared tunnel --url http://localhost:11434 --http-host-header localhost:11434',
    tunnelState: 'curl http://localhost:20241/ready',
  },
  named: {
    name: 'cloudflared, own name',
    hosts: ['.cfargotunnel.com'],
    start: 'sudo systemctl restart cloudflared',
    point: 'ingress:\n  - service: http://localhost:11434',
    acceptHost: 'originRequest:\n  httpHostHeader: localhost:11434',
    tunnelState: 'cloudflared tunnel list',
  },
  ngrok: {
    name: 'ngrok',
    hosts: ['.ngrok-free.app', '.ngrok-free.dev', '.ngrok.app', '.ngrok.dev', '.ngrok.io'],
    start: 'ngrok http 11434 --host-header=localhost:11434{ngrokUrl}',
    point: 'ngrok http 11434 --host-header=localhost:11434{ngrokUrl}',
    acceptHost: 'ngrok http 11434 --host-header=localhost:11434{ngrokUrl}',
    tunnelState: 'curl http://localhost:4040/api/tunnels',
  },
  tailscale: {
    name: 'Tailscale',
    hosts: ['.ts.net'],
    start: 'tailscale up && tailscale funnel --bg 11434',
    point: 'tailscale funnel --bg 11434',
    acceptHost: OPEN_OLLAMA,
    tunnelState: 'tailscale funnel status',
  },
  ssh: {
    name: 'ssh + nginx',
    hosts: [],
    start: 'autossh -M 0 -N -R 11434:localhost:11434 you@your-server',
    point: 'autossh -M 0 -N -R 11434:localhost:11434 you@your-server',
    acceptHost: 'proxy_set_header Host localhost:11434;',
    tunnelState: 'pgrep -fa "ssh.*-R"',
  },
  caddy: {
    name: 'Caddy',
    hosts: [],
    start: 'sudo systemctl restart caddy',
    point: 'reverse_proxy localhost:11434',
    acceptHost: 'reverse_proxy localhost:11434 {\n  header_up Host localhost:11434\n}',
    tunnelState: 'systemctl status caddy',
  },
  nginx: {
    name: 'nginx',
    hosts: [],
    start: 'sudo systemctl restart nginx',
    point: 'proxy_pass http://localhost:11434;',
    acceptHost: 'proxy_set_header Host localhost:11434;',
    tunnelState: 'systemctl status nginx',
  },
  frp: {
    name: 'frp',
    hosts: [],
    start: 'sudo systemctl restart frpc',
    point: 'localPort = 11434',
    acceptHost: 'hostHeaderRewrite = "localhost"',
    tunnelState: 'systemctl status frpc',
  },
  pangolin: {
    name: 'Pangolin',
    hosts: [],
    start: 'docker restart newt',
    point: null,
    acceptHost: OPEN_OLLAMA,
    tunnelState: 'docker logs --tail 20 newt',
  },
  localtunnel: {
    name: 'localtunnel',
    hosts: ['.loca.lt'],
    start: 'npx localtunnel --port 11434',
    point: 'npx localtunnel --port 11434',
    acceptHost: OPEN_OLLAMA,
    tunnelState: null,
  },
  zrok: {
    name: 'zrok',
    hosts: ['.share.zrok.io', '.shares.zrok.io'],
    start: 'zrok share public http://localhost:11434',
    point: 'zrok share public http://localhost:11434',
    acceptHost: OPEN_OLLAMA,
    tunnelState: 'zrok overview',
  },
  bore: {
    name: 'bore',
    hosts: ['bore.pub'],
    start: 'bore local 11434 --to bore.pub',
    point: 'bore local 11434 --to bore.pub',
    acceptHost: OPEN_OLLAMA,
    tunnelState: null,
  },
  none: {
    name: 'no tunnel',
    hosts: [],
    start: null,
    point: null,
    acceptHost: OPEN_OLLAMA,
    tunnelState: null,
  },
} as const satisfies Record<string, Provider>

export type ProviderName = keyof typeof PROVIDERS

const isHostIn = (host: string, hosts: readonly string[]) =>
  hosts.some((name) => host === name || (name.startsWith('.') && host.endsWith(name)))

/** The provider that gives out this host name. */
export function providerOfHost(host: string): ProviderName | null {
  const found = Object.entries(PROVIDERS).find(([, { hosts }]) => isHostIn(host, hosts))
  return (found?.[0] as ProviderName | undefined) ?? null
}

/** Traces of a tunnel in an answer. They decide which commands come first, and never the verdict. */
const HINTS = [
  ['ngrok', /^ngrok-error-code:/m],
  ['named', /error code: 1033|"error_code":\s*1033|Cloudflare Tunnel error|^server: cloudflare/m],
  ['frp', /Faithfully yours, frp/],
  ['zrok', /<title>zrok/],
  ['pangolin', /realm="pangolin"|^Bad Gateway$/m],
  ['caddy', /^(server|via): (\S+ )?Caddy/im],
  ['nginx', /^server: nginx/m],
] as const satisfies (readonly [ProviderName, RegExp])[]

/** The tunnel in use: certain by its host name, otherwise guessed from the answer. `null`: not recognised. */
export function providerOf({
  address,
  version,
}: Evidence): { name: ProviderName; isCertain: boolean } | null {
  const byHost = providerOfHost(address.host)
  if (byHost) return { name: byHost, isCertain: true }
  const hint = version?.kind === 'response' ? hintOf(version) : undefined
  if (hint) return { name: hint, isCertain: false }
  return address.reach === 'public' ? null : { name: 'none', isCertain: false }
}

function hintOf({ headers, body }: Response): ProviderName | undefined {
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const text = `${head.join('\n')}\n${body.slice(0, 4096)}`
  return HINTS.find(([, pattern]) => pattern.test(text))?.[0]
}
