import type { Reason } from './reason.ts'
import { COPY_REPORT, LET_THROUGH, START_TUNNEL } from './steps.ts'

const BLOCKED = { cause: 'access_blocked', rung: 'access' } as const
const SET_TOKEN = { text: 'Then set both halves.', command: '{setAccess}' } as const

/** What stands in the way on purpose. */
export const ACCESS_REASONS = {
  access_login: {
    ...BLOCKED,
    summary: 'A login page stands in the way: Cloudflare Access.',
    why: 'The request was sent on to Access’s login, and no service token is set here.',
    fix: [
      {
        text: 'In Zero Trust, make a service token and allow it with a “Service Auth” policy of this application.',
      },
      SET_TOKEN,
    ],
  },
  access_token_rejected: {
    ...BLOCKED,
    summary: 'Cloudflare Access does not accept the service token that is set here.',
    why: 'A token went along, and Access asked for a login all the same.',
    fix: [
      {
        text: 'See that the token has not expired and that its policy’s action is “Service Auth”, not “Allow”.',
      },
      SET_TOKEN,
    ],
  },
  access_forbidden: {
    ...BLOCKED,
    summary: 'Cloudflare Access knows who asks, but no policy lets it in.',
    why: 'Access answered with its own “Forbidden”.',
    fix: [{ text: 'Add the service token to a “Service Auth” policy of this application.' }],
  },
  challenge: {
    ...BLOCKED,
    summary: 'Cloudflare wants a browser to prove itself (a challenge). No program gets past it.',
    why: 'The answer carries the mark of a challenge (cf-mitigated).',
    fix: [
      { text: 'Add a WAF rule that skips the challenge for this host name.' },
      { text: 'On the free plan, switch Bot Fight Mode off: no rule can skip it.' },
    ],
  },
  password_wanted: {
    ...BLOCKED,
    summary: 'The address wants a password or a token, and none is set here.',
    why: 'It answered {status} and says what it takes (WWW-Authenticate). A wall before Ollama and another device at this address say it alike.',
    fix: [
      { text: 'Set what it wants.', command: '{setAuthorization}' },
      {
        text: 'If you know of no password: see that the address leads to Ollama, and not to another device.',
      },
    ],
    or: ['tunnel_misrouted', 'not_ollama'],
  },
  login_wanted: {
    ...BLOCKED,
    summary: 'The address wants a login (HTTP {status}), and does not say which.',
    why: 'A proxy that wants a password says so in a header (WWW-Authenticate); this answer has none.',
    fix: [LET_THROUGH, COPY_REPORT],
    or: ['not_ollama', 'tunnel_misrouted'],
  },
  password_wrong: {
    ...BLOCKED,
    summary: 'The address does not accept the password or token that is set here.',
    why: 'OLLAMA_AUTHORIZATION went along, and it answered {status} all the same.',
    fix: [{ text: 'Set it anew.', command: '{setAuthorization}' }],
  },
  login_redirect: {
    ...BLOCKED,
    summary: 'Every request is sent on to a login page ({target}).',
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
    why: 'The refusal is not in Ollama’s form.',
    fix: [
      { text: 'Look at the rules of the proxy or firewall that answers for {host}.' },
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
    summary: 'Cloudflare’s Browser Integrity Check refuses us.',
    why: 'Cloudflare’s edge answered with error 1010.',
    fix: [
      { text: 'Switch Browser Integrity Check off for this host name, with a configuration rule.' },
    ],
  },
  api_blocked: {
    ...BLOCKED,
    summary:
      'Ollama is behind {host}, but a proxy does not let /api/version through (HTTP {status}).',
    why: 'The front page is Ollama’s own greeting, while /api/version was refused.',
    fix: [{ text: 'Let the proxy pass /api/ on.' }],
    or: ['tunnel_misrouted', 'split_home'],
  },
  empty_refusal: {
    ...BLOCKED,
    summary:
      'A proxy in front of your home refuses the request with an empty 403. It is probably not Ollama’s own.',
    why: 'Ollama’s refusal gains a header for the origins that it allows, and for no others; this one did not.',
    fix: [
      { text: 'Look at the allow rules of the proxy that answers for {host}.' },
      {
        text: 'If there is none, let the tunnel send a host name that Ollama accepts.',
        command: '{acceptHost}',
      },
    ],
    or: ['host_rejected'],
  },
  rate_limited: {
    ...BLOCKED,
    summary: 'Too many requests: the address refuses more for now.',
    why: 'It answered 429.',
    fix: [{ text: 'Wait a minute, then check again.' }],
    retry: true,
  },
  too_long_for_proxy: {
    cause: 'access_blocked',
    rung: 'generate',
    summary: 'A proxy in front of your home does not let a request of this length through.',
    why: 'It answered 413.',
    fix: [
      {
        text: 'Let the proxy pass longer bodies on, as nginx does with this line.',
        command: 'client_max_body_size 100m;',
      },
      { text: 'Or send a shorter prompt or a smaller picture.' },
    ],
  },
  interstitial: {
    ...BLOCKED,
    summary: 'The tunnel shows a warning page for browsers instead of your home.',
    why: 'The page is the provider’s, and the header that skips it was not honoured.',
    fix: [
      {
        text: 'Restart the tunnel, or take a plan or a version without the page.',
        command: '{start}',
      },
    ],
  },
  provider_limit: {
    ...BLOCKED,
    summary: 'A limit of the tunnel’s plan is used up ({code}).',
    why: 'The provider answered with {code}.',
    fix: [{ text: 'Wait until the limit renews, or take a larger plan.' }],
  },
  provider_policy: {
    ...BLOCKED,
    summary: 'A policy at the tunnel’s provider refuses us ({code}).',
    why: 'The provider answered with {code}.',
    fix: [
      { text: 'Look at the traffic policy of this endpoint: addresses, user agents, webhooks.' },
    ],
  },
  provider_refuses: {
    ...BLOCKED,
    summary: 'The tunnel’s provider refuses the request ({code}).',
    why: 'The provider answered with {code}.',
    fix: [
      { text: 'Look this code up at the provider; plan limits and policies end there.' },
      START_TUNNEL,
    ],
    or: ['tunnel_down', 'ollama_down'],
  },
  network_login: {
    cause: 'observer_blind',
    rung: 'access',
    summary: 'The network wants a login before it lets anything out (HTTP 511).',
    why: 'It answered 511, which networks with a welcome page do.',
    fix: [{ text: 'Open any page in a browser there and log in.' }],
    or: ['access_blocked'],
  },
} as const satisfies Record<string, Reason>
