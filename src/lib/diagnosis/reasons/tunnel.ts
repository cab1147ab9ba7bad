import type { Reason } from './reason.ts'
import { SET_URL, START_TUNNEL, WAKE, ASK_AT_HOME } from './steps.ts'

/** Between the edge and the home: the tunnel, and what stands in its way. */
export const TUNNEL_REASONS = {
  cloudflared_not_connected: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary:
      'Cloudflare knows the tunnel, but nothing at home is connected to it. The computer is asleep, offline, or cloudflared has stopped.',
    fix: [WAKE, { text: 'Start cloudflared on the home machine.', command: 'sudo systemctl restart cloudflared' }],
    retry: true,
  },
  edge_name_or_tunnel: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary: 'Cloudflare cannot reach what the name stands for (530, without a code).',
    fix: [WAKE, START_TUNNEL],
    or: ['dns_failure'],
    retry: true,
  },
  ngrok_offline: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary: 'ngrok knows the name, but no agent at home is connected to it.',
    fix: [
      WAKE,
      { text: 'Start the agent again.', command: 'ngrok http 11434 --host-header=localhost:11434 --url {url}' },
    ],
    retry: true,
  },
  localtunnel_offline: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary: 'The localtunnel server knows no client of this name.',
    fix: [WAKE, { text: 'Start the tunnel again.', command: 'npx localtunnel --port 11434' }],
    or: ['tunnel_misrouted'],
    retry: true,
  },
  zrok_offline: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary: 'zrok knows the share, but nothing at home serves it.',
    fix: [WAKE, { text: 'Share it again.', command: 'zrok share public http://localhost:11434' }],
    retry: true,
  },
  frp_not_found: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary:
      'frp answers with its own page: frpc is not connected, Ollama is down, or the name is not set up. These look the same.',
    fix: [{ text: 'On the home machine, look at frpc.', command: 'systemctl status frpc' }, ASK_AT_HOME],
    or: ['ollama_down', 'tunnel_misrouted'],
    retry: true,
  },
  no_route_for_name: {
    cause: 'tunnel_misrouted',
    rung: 'tunnel',
    summary: 'The tunnel is up, but has no rule for {host}.',
    fix: [
      {
        text: 'Add the host name to the ingress rules, above the catch-all.',
        command: 'cloudflared tunnel ingress validate',
      },
    ],
  },
  wants_https: {
    cause: 'tunnel_misrouted',
    rung: 'tunnel',
    summary: 'The address sends every request on to https. Write https:// in OLLAMA_URL.',
    fix: [SET_URL],
  },
  edge_forbidden_target: {
    cause: 'tunnel_misrouted',
    rung: 'tunnel',
    summary: 'Cloudflare refuses to lead {host} to where its record points (error {code}).',
    fix: [{ text: 'Mend the DNS record of the name in the account that owns the tunnel.' }],
  },
  access_login: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'A login page stands in the way: Cloudflare Access.',
    fix: [
      {
        text: 'Make a service token, allow it with a Service Auth policy, and set both halves.',
        command: 'npx wrangler secret put CF_ACCESS_CLIENT_ID',
      },
    ],
  },
  access_forbidden: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'Cloudflare Access knows the token, but no policy lets it in.',
    fix: [{ text: 'Add the service token to a Service Auth policy of this application.' }],
  },
  challenge: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'Cloudflare wants a browser to prove itself (a challenge). No program gets past it.',
    fix: [{ text: 'Add a WAF rule that skips the challenge for this host name.' }],
  },
  password_wanted: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'The address wants a user name and a password, and got none that it accepts.',
    fix: [{ text: 'Set what it wants.', command: '{setAuthorization}' }],
  },
  login_redirect: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'Every request is sent on to a login page at another address.',
    fix: [
      {
        text: 'Let requests to /api/ through without the login, or set a token for them.',
        command: '{setAuthorization}',
      },
    ],
    or: ['tunnel_misrouted', 'not_ollama'],
  },
  rule_blocked: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'A rule in front of your home refuses the request (HTTP {status}).',
    fix: [{ text: 'Look at the rules of the proxy or firewall that answers for {host}.' }],
  },
  empty_refusal: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'A proxy in front of your home refuses the request with an empty 403. It is not Ollama’s own refusal.',
    fix: [{ text: 'Look at the allow rules of the proxy that answers for {host}.' }],
    or: ['host_rejected'],
  },
  rate_limited: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'Too many requests: the address refuses more for now.',
    fix: [{ text: 'Wait a minute, then check again.' }],
    retry: true,
  },
  interstitial: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'The tunnel shows a warning page for browsers instead of your home.',
    fix: [
      { text: 'Upgrade or restart the tunnel so that it honours the header that skips the page.', command: '{start}' },
    ],
  },
  provider_refuses: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'The tunnel’s provider refuses the request ({code}).',
    fix: [{ text: 'Look this code up at the provider; plan limits and policies end there.' }],
    or: ['tunnel_down'],
  },
} as const satisfies Record<string, Reason>
