import type { Reason } from './reason.ts'
import { COPY_REPORT, LET_THROUGH, START_TUNNEL } from './steps.ts'

const BLOCKED = { cause: 'access_blocked', rung: 'access' } as const
const SET_TOKEN = { text: 'Then set its ID and its secret.', command: '{setAccess}' } as const

/** Something on the way refuses the request on purpose. */
export const ACCESS_REASONS = {
  access_login: {
    ...BLOCKED,
    summary: 'A login page stands in the way: Cloudflare Access.',
    why: 'The request was redirected to the login of Access, and no service token is set here.',
    fix: [
      {
        text: 'In Zero Trust, create a service token and allow it with a “Service Auth” policy of this application.',
      },
      SET_TOKEN,
    ],
  },
  access_token_rejected: {
    ...BLOCKED,
    summary: 'Cloudflare Access does not accept the service token that is set here.',
    why: 'The request carried a token, and Access still asked for a login.',
    fix: [
      {
        text: 'Check that the token has not expired and that the action of its policy is “Service Auth”, not “Allow”.',
      },
      SET_TOKEN,
    ],
  },
  access_forbidden: {
    ...BLOCKED,
    summary: 'Cloudflare Access knows who sent the request, but no policy allows it.',
    why: 'Access answered with its own “Forbidden”.',
    fix: [{ text: 'Add the service token to a “Service Auth” policy of this application.' }],
  },
  challenge: {
    ...BLOCKED,
    summary: 'Cloudflare demands a browser challenge. No program can pass it.',
    why: 'The response has the header of a challenge (cf-mitigated).',
    fix: [
      { text: 'Add a WAF rule that skips the challenge for this host name.' },
      { text: 'On the free plan, turn Bot Fight Mode off: no rule can skip it.' },
    ],
  },
  password_wanted: {
    ...BLOCKED,
    summary: 'The address requires a password or a token, and none is set here.',
    why: 'The response was {status} with a WWW-Authenticate header. A login in front of Ollama and a different device at this address look the same.',
    fix: [
      { text: 'Set the password or token.', command: '{setAuthorization}' },
      {
        text: 'If you know of no password, check that the address leads to Ollama and not to another device.',
      },
    ],
    or: ['tunnel_misrouted', 'not_ollama'],
  },
  login_wanted: {
    ...BLOCKED,
    summary: 'The address requires a login (HTTP {status}), and does not say which kind.',
    why: 'A proxy that requires a password announces it in a header (WWW-Authenticate); this response has none.',
    fix: [LET_THROUGH, COPY_REPORT],
    or: ['not_ollama', 'tunnel_misrouted'],
  },
  password_wrong: {
    ...BLOCKED,
    summary: 'The address does not accept the password or token that is set here.',
    why: 'The request carried OLLAMA_AUTHORIZATION, and the response was still {status}.',
    fix: [{ text: 'Set it again.', command: '{setAuthorization}' }],
  },
  login_redirect: {
    ...BLOCKED,
    summary: 'Every request is redirected to a login page ({target}).',
    why: 'It answered with a redirect (HTTP {status}).',
    fix: [LET_THROUGH],
    or: ['tunnel_misrouted', 'not_ollama', 'observer_blind'],
  },
  login_page: {
    ...BLOCKED,
    summary: 'A page with a login form answers at {host} instead of Ollama.',
    why: 'The answer is a web page that asks for a password.',
    fix: [LET_THROUGH],
    or: ['not_ollama', 'tunnel_misrouted'],
  },
  rule_blocked: {
    ...BLOCKED,
    summary: 'A rule in front of your home refuses the request (HTTP {status}).',
    why: 'The refusal is not in Ollama’s format.',
    fix: [
      { text: 'Check the rules of the proxy or firewall that answers for {host}.' },
      COPY_REPORT,
    ],
    or: ['not_ollama', 'tunnel_misrouted', 'host_rejected'],
  },
  edge_rule_blocked: {
    ...BLOCKED,
    summary: 'A rule at Cloudflare refuses the request (error {code}).',
    why: 'Cloudflare’s edge answered with error {code}.',
    fix: [{ text: 'In the zone’s Security events, find the rule and let this host name pass.' }],
  },
  agent_banned: {
    ...BLOCKED,
    summary: 'Cloudflare’s Browser Integrity Check blocks the request.',
    why: 'Cloudflare’s edge answered with error 1010.',
    fix: [
      { text: 'Turn Browser Integrity Check off for this host name, with a configuration rule.' },
    ],
  },
  api_blocked: {
    ...BLOCKED,
    summary:
      'Ollama is behind {host}, but a proxy does not let /api/version through (HTTP {status}).',
    why: 'The front page is Ollama’s own greeting, while /api/version was refused.',
    fix: [{ text: 'Let the proxy pass on /api/.' }],
    or: ['tunnel_misrouted', 'split_home'],
  },
  empty_refusal: {
    ...BLOCKED,
    summary:
      'A proxy in front of your home refuses the request with an empty 403. It is probably not Ollama’s own.',
    why: 'Ollama’s own refusal gains a header for the origins that Ollama allows, and for no others. This refusal did not.',
    fix: [
      { text: 'Check the allow rules of the proxy that answers for {host}.' },
      {
        text: 'If there is no proxy, let the tunnel send a host name that Ollama accepts.',
        command: '{acceptHost}',
      },
    ],
    or: ['host_rejected'],
  },
  rate_limited: {
    ...BLOCKED,
    summary: 'Too many requests: the address accepts no more for now.',
    why: 'It answered 429.',
    fix: [{ text: 'Wait a minute, then check again.' }],
    retry: true,
  },
  too_long_for_proxy: {
    cause: 'access_blocked',
    rung: 'generate',
    summary: 'A proxy in front of your home does not accept a request of this size.',
    why: 'It answered 413.',
    fix: [
      {
        text: 'Let the proxy accept larger requests. In nginx, this line does it.',
        command: 'client_max_body_size 100m;',
      },
      { text: 'Or send a shorter prompt or a smaller image.' },
    ],
  },
  interstitial: {
    ...BLOCKED,
    summary: 'The tunnel shows a warning page for browsers instead of your home.',
    why: 'The page is the provider’s, and the header that should skip it had no effect.',
    fix: [
      {
        text: 'Restart the tunnel, or choose a plan or a version without the page.',
        command: '{start}',
      },
    ],
  },
  provider_limit: {
    ...BLOCKED,
    summary: 'A limit of the tunnel’s plan is reached ({code}).',
    why: 'The provider answered with {code}.',
    fix: [{ text: 'Wait until the limit resets, or choose a larger plan.' }],
  },
  provider_policy: {
    ...BLOCKED,
    summary: 'A policy at the tunnel’s provider refuses the request ({code}).',
    why: 'The provider answered with {code}.',
    fix: [{ text: 'Check the traffic policy of this endpoint: addresses, user agents, webhooks.' }],
  },
  provider_refuses: {
    ...BLOCKED,
    summary: 'The tunnel’s provider refuses the request ({code}).',
    why: 'The provider answered with {code}.',
    fix: [
      { text: 'Look up this code at the provider. Plan limits and policies have codes like it.' },
      START_TUNNEL,
    ],
    or: ['tunnel_down', 'ollama_down'],
  },
  network_login: {
    cause: 'observer_blind',
    rung: 'access',
    summary: 'The network requires a login before it lets any request out (HTTP 511).',
    why: 'It answered 511, as networks with a login page do.',
    fix: [{ text: 'Open any page in a browser on that network and sign in.' }],
    or: ['access_blocked'],
  },
} as const satisfies Record<string, Reason>
