import type { Reason } from './reason.ts'
import { OPEN_TUNNEL, SET_URL } from './steps.ts'

const NOT_CONFIGURED = { cause: 'not_configured', rung: 'config' } as const
const UNREACHABLE = { cause: 'address_unreachable', rung: 'config' } as const

/** Problems that are known before anything is sent. */
export const CONFIG_REASONS = {
  url_missing: {
    ...NOT_CONFIGURED,
    summary: 'OLLAMA_URL is not set.',
    why: 'The variable is missing or empty in this server’s environment.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  url_quoted: {
    ...NOT_CONFIGURED,
    summary: 'OLLAMA_URL has quotation marks around it. Remove them.',
    why: 'Its value starts or ends with a quotation mark.',
    fix: [SET_URL],
  },
  url_without_scheme: {
    ...NOT_CONFIGURED,
    summary: 'OLLAMA_URL has no https:// or http:// at the start.',
    why: 'Its value contains no “://”.',
    fix: [SET_URL],
  },
  url_unknown_scheme: {
    ...NOT_CONFIGURED,
    summary: 'OLLAMA_URL must start with https:// or http://.',
    why: 'Its value starts with a different scheme.',
    fix: [SET_URL],
  },
  url_with_credentials: {
    ...NOT_CONFIGURED,
    summary:
      'OLLAMA_URL contains a user name or password. Put it into OLLAMA_AUTHORIZATION instead.',
    why: 'There is an @ before the host, and a Worker silently drops everything in front of it.',
    fix: [SET_URL, { text: 'Set the password separately.', command: '{setAuthorization}' }],
  },
  url_with_path: {
    ...NOT_CONFIGURED,
    summary: 'OLLAMA_URL has a path after the host, such as /v1. Remove it.',
    why: 'Something follows the host: a path, a question mark or a #.',
    fix: [SET_URL],
  },
  url_malformed: {
    ...NOT_CONFIGURED,
    summary: 'OLLAMA_URL is not a valid address.',
    why: 'It contains a space, an impossible port or characters that no address has.',
    fix: [SET_URL],
  },
  owner_key_missing: {
    ...NOT_CONFIGURED,
    summary: 'OWNER_KEY_HASH is not set, so this deployment has no owner yet.',
    why: 'This server is deployed, and the secret is missing.',
    fix: [
      {
        text: 'Set the SHA-256 of an owner key as a secret.',
        command: 'npx wrangler secret put OWNER_KEY_HASH',
      },
    ],
  },
  plain_http_deployed: {
    ...NOT_CONFIGURED,
    summary:
      'OLLAMA_URL starts with http://. Over the internet the connection must be encrypted: use https://.',
    why: 'This server is deployed, and the address is not encrypted.',
    fix: [SET_URL],
  },
  loopback_from_edge: {
    ...UNREACHABLE,
    summary:
      '{host} always means the machine that connects. From the internet it does not lead to your home.',
    why: 'This server is deployed, so {host} is not your machine.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  private_from_edge: {
    ...UNREACHABLE,
    summary: '{host} exists only in your home network, so it cannot be reached from the internet.',
    why: 'The address belongs to a range that is reserved for private networks.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  home_name_from_edge: {
    ...UNREACHABLE,
    summary: 'The name {host} is known only at home (in the local network, or between containers).',
    why: 'A name without a dot, or with an ending such as .local or .internal, is not in the public DNS.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  address_literal_refused: {
    ...UNREACHABLE,
    summary: 'Cloudflare does not let a Worker connect to a bare IP address.',
    why: 'Cloudflare’s edge answered with error 1003.',
    fix: [
      {
        text: 'Give the address a name (an A record that is not proxied), or open a tunnel.',
        command: '{start}',
      },
      SET_URL,
    ],
  },
  name_private: {
    cause: 'address_unreachable',
    rung: 'dns',
    summary:
      'The name {host} resolves to an address in your home network, so it cannot be reached from the internet.',
    why: 'The resolver returned a private address for it.',
    fix: [OPEN_TUNNEL, { text: 'Point the name at the tunnel instead.', command: 'dig {host}' }],
  },
  checker_failed: {
    cause: 'observer_blind',
    rung: 'config',
    summary: 'Porchlight’s own checker did not answer. This says nothing about your home.',
    why: 'The part of this server that checks your home could not be reached.',
    fix: [{ text: 'Check again in a minute.' }],
    retry: true,
  },
  no_way_out: {
    cause: 'observer_blind',
    rung: 'connect',
    summary: 'This server cannot reach anything right now. This says nothing about your home.',
    why: 'Neither your home nor an unrelated address answered.',
    fix: [
      { text: 'Make sure that the machine that runs this server is online, then check again.' },
    ],
    retry: true,
  },
  resolver_silent: {
    cause: 'observer_blind',
    rung: 'dns',
    summary: 'The name {host} could not be looked up: this server’s resolver does not answer.',
    why: 'No connection was made, and the resolver could not be reached. That is no evidence about the name.',
    fix: [
      {
        text: 'Make sure that the machine that runs this server is online.',
        command: 'nslookup {host}',
      },
      { text: 'Check again.' },
    ],
    or: ['dns_failure', 'connection_failed', 'tls_failure'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
