import type { Reason } from './reason.ts'
import { OPEN_TUNNEL, SET_URL } from './steps.ts'

const UNSET = { cause: 'not_configured', rung: 'config' } as const
const UNREACHABLE = { cause: 'address_unreachable', rung: 'config' } as const

/** What is wrong before anything is sent. */
export const CONFIG_REASONS = {
  url_missing: {
    ...UNSET,
    summary: 'OLLAMA_URL is not set.',
    why: 'The variable is absent or empty where this server runs.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  url_quoted: {
    ...UNSET,
    summary: 'OLLAMA_URL has quotation marks around it. Leave them out.',
    why: 'A quotation mark is the first or the last letter of its value.',
    fix: [SET_URL],
  },
  url_without_scheme: {
    ...UNSET,
    summary: 'OLLAMA_URL has no https:// or http:// in front.',
    why: 'Its value holds no “://”.',
    fix: [SET_URL],
  },
  url_unknown_scheme: {
    ...UNSET,
    summary: 'OLLAMA_URL must start with https:// or http://.',
    why: 'Its value starts with another scheme.',
    fix: [SET_URL],
  },
  url_with_credentials: {
    ...UNSET,
    summary: 'OLLAMA_URL has a user name or password in it. Keep those in OLLAMA_AUTHORIZATION.',
    why: 'There is an @ in front of the host, and a Worker drops what stands before it without a word.',
    fix: [
      SET_URL,
      { text: 'Set the password apart from the address.', command: '{setAuthorization}' },
    ],
  },
  url_with_path: {
    ...UNSET,
    summary: 'OLLAMA_URL has a path behind the host, such as /v1. Leave it out.',
    why: 'Something stands behind the host: a path, a question mark or a #.',
    fix: [SET_URL],
  },
  url_malformed: {
    ...UNSET,
    summary: 'OLLAMA_URL is not an address that can be read.',
    why: 'It holds a space, an impossible port or letters that no address has.',
    fix: [SET_URL],
  },
  owner_key_missing: {
    ...UNSET,
    summary: 'OWNER_KEY_HASH is not set, so nobody owns this deployment yet.',
    why: 'This server is deployed, and the secret is absent.',
    fix: [
      {
        text: 'Set the SHA-256 of an owner key as a secret.',
        command: 'npx wrangler secret put OWNER_KEY_HASH',
      },
    ],
  },
  plain_http_deployed: {
    ...UNSET,
    summary:
      'OLLAMA_URL starts with http://. From the internet the connection must be encrypted: write https://.',
    why: 'This server is deployed, and the address is not encrypted.',
    fix: [SET_URL],
  },
  loopback_from_edge: {
    ...UNREACHABLE,
    summary:
      '{host} means the machine that asks. From the internet it leads nowhere near your home.',
    why: 'This server is deployed, so {host} is not your machine.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  private_from_edge: {
    ...UNREACHABLE,
    summary: '{host} only exists in your home network, so the internet cannot reach it.',
    why: 'The address is from a range that is reserved for private networks.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  home_name_from_edge: {
    ...UNREACHABLE,
    summary: 'The name {host} is only known at home (in the local network, or between containers).',
    why: 'A name without a dot, or with an ending such as .local or .internal, is not in the public name system.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  address_literal_refused: {
    ...UNREACHABLE,
    summary: 'Cloudflare does not let a Worker ask a bare IP address.',
    why: 'Cloudflare’s edge answered with error 1003.',
    fix: [
      {
        text: 'Give the address a name (an A record without proxy), or open a tunnel.',
        command: '{start}',
      },
      SET_URL,
    ],
  },
  name_private: {
    cause: 'address_unreachable',
    rung: 'dns',
    summary:
      'The name {host} stands for an address of your home network, so the internet cannot reach it.',
    why: 'The resolver gave a private address for it.',
    fix: [OPEN_TUNNEL, { text: 'Let the name lead to the tunnel instead.', command: 'dig {host}' }],
  },
  checker_failed: {
    cause: 'observer_blind',
    rung: 'config',
    summary: 'Our own checker did not answer. This says nothing about your home.',
    why: 'The part of this server that asks your home could not be reached.',
    fix: [{ text: 'Ask again in a minute.' }],
    retry: true,
  },
  no_way_out: {
    cause: 'observer_blind',
    rung: 'connect',
    summary: 'This server cannot reach anything right now, so it knows nothing of your home.',
    why: 'Neither your home nor an address that has nothing to do with it answered.',
    fix: [{ text: 'See that the machine that runs this server is online, then check again.' }],
    retry: true,
  },
  resolver_silent: {
    cause: 'observer_blind',
    rung: 'dns',
    summary: 'The name {host} could not be looked up: the resolver of this server does not answer.',
    why: 'No connection came about, and the resolver was asked and not reached. That is no evidence about the name.',
    fix: [
      { text: 'See that the machine that runs this server is online.', command: 'nslookup {host}' },
      { text: 'Check again.' },
    ],
    or: ['dns_failure', 'connection_failed', 'tls_failure'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
