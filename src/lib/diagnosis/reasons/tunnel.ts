import type { Reason } from './reason.ts'
import { ASK_AT_HOME, CHECK_TUNNEL, SET_URL, START_TUNNEL, WAKE } from './steps.ts'

const DOWN = { cause: 'tunnel_down', rung: 'tunnel' } as const
const MISROUTED = { cause: 'tunnel_misrouted', rung: 'tunnel' } as const

/** Between the tunnel’s edge and the home. */
export const TUNNEL_REASONS = {
  cloudflared_not_connected: {
    ...DOWN,
    tunnels: ['named', 'quick'],
    summary:
      'Cloudflare knows the tunnel, but nothing at home is connected to it. The computer is asleep, offline, or cloudflared has stopped.',
    why: 'Cloudflare’s edge answered with error 1033.',
    fix: [
      WAKE,
      START_TUNNEL,
      {
        text: 'If cloudflared runs but does not connect, UDP may be blocked at home.',
        command: 'cloudflared tunnel --protocol http2 run NAME',
      },
    ],
    retry: true,
  },
  edge_name_or_tunnel: {
    ...DOWN,
    tunnels: ['named', 'quick'],
    summary: 'Cloudflare cannot reach the server behind the name (530, without a code).',
    why: 'The answer is Cloudflare’s 530, which means a tunnel that is down or a name that does not resolve.',
    fix: [WAKE, START_TUNNEL],
    or: ['dns_failure'],
    retry: true,
  },
  ngrok_offline: {
    ...DOWN,
    tunnels: ['ngrok'],
    summary: 'ngrok knows the name, but no agent at home is connected to it.',
    why: 'ngrok answered with {code}.',
    fix: [WAKE, START_TUNNEL],
    retry: true,
  },
  ngrok_link_lost: {
    ...DOWN,
    tunnels: ['ngrok'],
    summary: 'ngrok has lost the connection to its agent at home.',
    why: 'ngrok answered with {code}.',
    fix: [WAKE, START_TUNNEL],
    or: ['ollama_down'],
    retry: true,
  },
  funnel_offline: {
    ...DOWN,
    tunnels: ['tailscale'],
    summary: 'Tailscale’s relay answers, but nothing at home is connected to it.',
    why: 'The relay accepts the connection and closes it before any encryption, as it does for a machine that is offline.',
    fix: [
      WAKE,
      START_TUNNEL,
      {
        text: 'If the funnel still seems to be on, reset it, then start it again.',
        command: 'tailscale funnel reset',
      },
    ],
    or: ['tls_failure', 'connection_failed'],
    retry: true,
  },
  localtunnel_offline: {
    ...DOWN,
    tunnels: ['localtunnel'],
    summary: 'The localtunnel server has no client with this name.',
    why: 'It answered with its own page (HTTP {status}).',
    fix: [WAKE, START_TUNNEL],
    or: ['tunnel_misrouted'],
    retry: true,
  },
  bare_404: {
    ...DOWN,
    tunnels: ['localtunnel'],
    summary:
      'The address answers with a bare 404, as a localtunnel server does when no client has this name.',
    why: 'The body is just “404”. Another program could send the same.',
    fix: [WAKE, START_TUNNEL],
    or: ['tunnel_misrouted', 'not_ollama'],
    retry: true,
  },
  zrok_offline: {
    ...DOWN,
    tunnels: ['zrok'],
    summary: 'zrok has no share with this name: nothing at home serves it.',
    why: 'zrok answered with its own page (HTTP {status}).',
    fix: [WAKE, START_TUNNEL],
    or: ['ollama_down'],
    retry: true,
  },
  frp_not_found: {
    ...DOWN,
    tunnels: ['frp'],
    summary:
      'frp answers with its own page: frpc is not connected, Ollama is down, or the name is not set up. These look the same from here.',
    why: 'The page ends with frp’s signature, and frp shows it in all of these cases.',
    fix: [CHECK_TUNNEL, ASK_AT_HOME],
    or: ['ollama_down', 'tunnel_misrouted'],
    retry: true,
  },
  bore_gone: {
    ...DOWN,
    tunnels: ['bore'],
    summary: 'No bore client holds port {port} at {host}.',
    why: 'bore’s server closes a port as soon as its client disconnects, and the connection was refused.',
    fix: [
      WAKE,
      START_TUNNEL,
      { text: 'If it printed a new port, set it here.', command: '{setUrl}' },
    ],
    or: ['connection_failed'],
    retry: true,
  },
  no_route_for_name: {
    ...MISROUTED,
    summary: 'The tunnel is up, but seems to have no rule for {host}.',
    why: 'Cloudflare passed on an empty {status}, which cloudflared sends for names without a rule.',
    fix: [
      {
        text: 'Add the host name to the ingress rules, above the catch-all.',
        command: 'cloudflared tunnel ingress rule https://{host}',
      },
    ],
    or: ['not_ollama', 'ollama_down'],
  },
  no_site_for_name: {
    ...MISROUTED,
    summary: 'A proxy answers at {host}, but has no site with this name.',
    why: 'It answered 200 with an empty body, as Caddy does for unknown names.',
    fix: [
      {
        text: 'Add a site for {host} to the proxy, and point it at port 11434.',
        command: '{point}',
      },
    ],
    or: ['not_ollama', 'ollama_down'],
  },
  no_router: {
    ...MISROUTED,
    summary: 'A proxy answers at {host}, but has no route for it.',
    why: 'Its “404 page not found” is not Ollama’s: a Go proxy such as Traefik, Pangolin or Tailscale writes it like this.',
    fix: [{ text: 'Give the proxy a route from {host} to port 11434.', command: '{point}' }],
    or: ['tunnel_down', 'not_ollama', 'ollama_outdated'],
  },
  default_page: {
    ...MISROUTED,
    summary: 'A web server answers at {host} with its welcome page instead of Ollama.',
    why: 'The page is the one that a web server shows before it is set up.',
    fix: [{ text: 'Add a rule for {host} that points at port 11434.', command: '{point}' }],
    or: ['not_ollama', 'ollama_down'],
  },
  wants_https: {
    ...MISROUTED,
    summary: 'The address redirects every request to https. Use https:// in OLLAMA_URL.',
    why: 'It answered with a redirect to the same name and path, only with https.',
    fix: [SET_URL],
  },
  sent_elsewhere: {
    ...MISROUTED,
    summary: 'Every request is redirected to another address ({target}).',
    why: 'It answered with a redirect (HTTP {status}).',
    fix: [{ text: 'If that is the correct address of your home, set it.', command: '{setUrl}' }],
    or: ['access_blocked', 'not_ollama', 'ollama_down', 'observer_blind'],
  },
  edge_forbidden_target: {
    ...MISROUTED,
    summary: 'Cloudflare refuses to connect {host} to the target of its DNS record (error {code}).',
    why: 'Cloudflare’s edge answered with error {code}.',
    fix: [
      {
        text: 'Fix the DNS record of the name in the account that owns the tunnel.',
        command: 'cloudflared tunnel route dns NAME {host}',
      },
    ],
  },
  list_lost: {
    cause: 'access_blocked',
    rung: 'ollama',
    summary: 'Ollama answers, but a proxy does not pass on its list of models (HTTP {status}).',
    why: 'Ollama itself answered one request, and a proxy answered another at the same moment.',
    fix: [
      { text: 'If the proxy limits the number of requests, allow more.' },
      { text: 'Check again.' },
      ASK_AT_HOME,
    ],
    or: ['timed_out', 'tunnel_misrouted', 'ollama_down', 'ollama_error', 'tunnel_down'],
    retry: true,
  },
  list_cut: {
    cause: 'connection_failed',
    rung: 'ollama',
    summary: 'Ollama answers, but its list of models is cut off.',
    why: 'Ollama itself answered one request; the connection of another ended without an answer.',
    fix: [{ text: 'Check again.' }, ASK_AT_HOME],
    or: ['ollama_error', 'ollama_down', 'access_blocked', 'tunnel_down'],
    retry: true,
  },
  list_foreign: {
    cause: 'access_blocked',
    rung: 'ollama',
    summary:
      'Ollama answers one request, but something else answers the request for its list of models (HTTP {status}).',
    why: 'The version is Ollama’s, and the answer to /api/tags is not.',
    fix: [
      { text: 'Let the proxy pass on all of /api/, not only single paths.' },
      {
        text: 'Check which programs listen at home; two servers may answer in turn.',
        command: '{whoListens}',
      },
    ],
    or: [
      'split_home',
      'tunnel_misrouted',
      'not_ollama',
      'host_rejected',
      'tunnel_down',
      'ollama_down',
    ],
  },
} as const satisfies Record<string, Reason>
