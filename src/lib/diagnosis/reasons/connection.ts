import type { Reason } from './reason.ts'
import {
  ASK_AT_HOME,
  COPY_REPORT,
  OPEN_IN_NETWORK,
  SEE_TUNNEL,
  START_OLLAMA,
  START_TUNNEL,
  WAKE,
} from './steps.ts'

const FAILED = { cause: 'connection_failed', rung: 'connect' } as const

/** Between an address and an answer. */
export const CONNECTION_REASONS = {
  refused: {
    ...FAILED,
    summary:
      'Nothing accepts a connection at {host}:{port}. What should answer there is not running.',
    why: 'The connection was turned down at once.',
    fix: [START_TUNNEL, START_OLLAMA, OPEN_IN_NETWORK],
    or: ['tunnel_down', 'ollama_down', 'access_blocked', 'dns_failure'],
    retry: true,
  },
  nothing_listens_here: {
    ...FAILED,
    summary:
      'Nothing seems to listen at {host}:{port} on this machine: neither Ollama nor a tunnel.',
    why: 'The connection was turned down at once.',
    fix: [START_OLLAMA, { text: 'See what listens, and where.', command: '{whoListens}' }],
    or: ['ollama_down', 'tunnel_down', 'access_blocked'],
    retry: true,
  },
  other_loopback: {
    ...FAILED,
    summary: 'Ollama listens at [::1] alone, and {host} means 127.0.0.1 here.',
    why: 'Asked by its other address, the same machine answered as Ollama does.',
    fix: [
      { text: 'Write that address.', command: 'OLLAMA_URL=http://[::1]:{port} npm start' },
      { text: 'Or let Ollama listen at both.', command: '{openOllama}' },
    ],
  },
  not_reachable: {
    ...FAILED,
    summary: 'No connection to {host}:{port} came about.',
    why: 'A bare connection did not open either, and nothing speaks against the name.',
    fix: [WAKE, START_TUNNEL],
    or: ['tunnel_down', 'timed_out', 'observer_blind'],
    retry: true,
  },
  connection_dropped: {
    ...FAILED,
    summary: 'The connection opens, then ends without an answer.',
    why: 'A bare connection stays open, but every request was cut off, also when repeated.',
    fix: [
      ASK_AT_HOME,
      SEE_TUNNEL,
      { text: 'If the other side wants encryption, write https:// in OLLAMA_URL.' },
    ],
    or: ['ollama_down', 'tunnel_down', 'tls_failure', 'not_ollama', 'access_blocked'],
    retry: true,
  },
  edge_refused: {
    ...FAILED,
    summary: 'The name resolves, but what it names refuses Cloudflare’s connection (error 521).',
    why: 'Cloudflare’s edge answered with error 521.',
    fix: [START_OLLAMA, START_TUNNEL, { text: 'See that the router still forwards the port.' }],
    or: ['tunnel_down', 'ollama_down'],
    retry: true,
  },
  edge_no_connection: {
    ...FAILED,
    summary: 'The name resolves, but Cloudflare could not connect to what it names (error {code}).',
    why: 'Cloudflare’s edge answered with error {code}.',
    fix: [
      WAKE,
      START_TUNNEL,
      { text: 'See that the record holds today’s address of your home.', command: 'dig {host}' },
    ],
    or: ['tunnel_down', 'timed_out', 'dns_failure'],
    retry: true,
  },
  edge_odd_answer: {
    ...FAILED,
    summary:
      'Cloudflare got an empty or broken answer from what stands behind the name (error 520).',
    why: 'Cloudflare’s edge answered with error 520.',
    fix: [ASK_AT_HOME, SEE_TUNNEL],
    or: ['ollama_down', 'tunnel_down', 'not_ollama', 'tls_failure'],
    retry: true,
  },
  edge_fault: {
    ...FAILED,
    summary: 'Cloudflare itself stumbled (HTTP {status}). That is not your home’s fault.',
    why: 'The answer was made by Cloudflare’s edge, with its own error {code}.',
    fix: [
      { text: 'Check again in a minute.' },
      { text: 'See whether Cloudflare reports trouble: cloudflarestatus.com' },
    ],
    or: ['observer_blind', 'unknown'],
    retry: true,
  },
  every_other_fails: {
    ...FAILED,
    summary: 'Ollama answers, but not every request gets through.',
    why: 'Of several questions, moments apart, Ollama answered some, and others failed.',
    fix: [
      {
        text: 'If a proxy spreads requests over two servers, one of them is down.',
        command: '{whoListens}',
      },
      SEE_TUNNEL,
    ],
    or: [
      'ollama_down',
      'split_home',
      'tunnel_misrouted',
      'timed_out',
      'access_blocked',
      'tunnel_down',
      'not_ollama',
    ],
    retry: true,
  },
  unnamed_silence: {
    cause: 'unknown',
    rung: 'connect',
    summary: 'No answer, in a way we have no name for yet: {error}',
    why: 'The runtime’s error text is not one that we know.',
    fix: [ASK_AT_HOME, COPY_REPORT],
    or: ['connection_failed', 'tls_failure', 'observer_blind'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
