import type { Reason } from './reason.ts'
import { SET_URL, OPEN_TUNNEL } from './steps.ts'

/** What is wrong before anything is sent. */
export const CONFIG_REASONS = {
  url_missing: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL is not set.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  url_quoted: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL has quotation marks around it. Leave them out.',
    fix: [SET_URL],
  },
  url_without_scheme: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL has no https:// or http:// in front.',
    fix: [SET_URL],
  },
  url_unknown_scheme: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL must start with https:// or http://.',
    fix: [SET_URL],
  },
  url_with_credentials: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL has a user name or password in it. Keep those in OLLAMA_AUTHORIZATION.',
    fix: [SET_URL, { text: 'Set the password apart from the address.', command: '{setAuthorization}' }],
  },
  url_with_path: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL has a path behind the host, such as /v1. Leave it out.',
    fix: [SET_URL],
  },
  url_malformed: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL is not an address that can be read.',
    fix: [SET_URL],
  },
  owner_key_missing: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OWNER_KEY_HASH is not set, so nobody owns this deployment yet.',
    fix: [{ text: 'Set the SHA-256 of an owner key as a secret.', command: 'npx wrangler secret put OWNER_KEY_HASH' }],
  },
  checker_failed: {
    cause: 'observer_blind',
    rung: 'config',
    summary: 'Our own checker did not answer. This says nothing about your home.',
    fix: [{ text: 'Ask again in a minute.' }],
    retry: true,
  },
  plain_http_deployed: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL starts with http://. From the internet the connection must be encrypted: write https://.',
    fix: [SET_URL],
  },
  loopback_from_edge: {
    cause: 'address_unreachable',
    rung: 'config',
    summary: '{host} means the machine that asks. From the internet it leads nowhere near your home.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  private_from_edge: {
    cause: 'address_unreachable',
    rung: 'config',
    summary: '{host} only exists in your home network, so the internet cannot reach it.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  home_name_from_edge: {
    cause: 'address_unreachable',
    rung: 'config',
    summary: 'The name {host} is only known at home (in the local network, or between containers).',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  address_literal_refused: {
    cause: 'address_unreachable',
    rung: 'config',
    summary: 'Cloudflare does not let a Worker ask a bare IP address.',
    fix: [
      {
        text: 'Give the address a name (an A record without proxy), or open a tunnel.',
        command: OPEN_TUNNEL.command ?? '',
      },
      SET_URL,
    ],
  },
} as const satisfies Record<string, Reason>
