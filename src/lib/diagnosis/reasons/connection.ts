import type { Reason } from './reason.ts'
import {
  ASK_AT_HOME,
  COPY_REPORT,
  OPEN_IN_NETWORK,
  CHECK_TUNNEL,
  START_OLLAMA,
  START_TUNNEL,
  WAKE,
} from './steps.ts'

const FAILED = { cause: 'connection_failed', rung: 'connect' } as const

/** Between the address and the first answer. */
export const CONNECTION_REASONS = {
  refused: {
    ...FAILED,
    summary:
      'Nothing accepts a connection at {host}:{port}. The program that should answer there is not running.',
    why: 'The connection was refused at once.',
    fix: [START_TUNNEL, START_OLLAMA, OPEN_IN_NETWORK],
    or: ['tunnel_down', 'ollama_down', 'access_blocked', 'dns_failure'],
    retry: true,
  },
  nothing_listens_here: {
    ...FAILED,
    summary:
      'Nothing seems to listen at {host}:{port} on this machine: neither Ollama nor a tunnel.',
    why: 'The connection was refused at once.',
    fix: [
      START_OLLAMA,
      { text: 'Check which programs listen, and where.', command: '{whoListens}' },
    ],
    or: ['ollama_down', 'tunnel_down', 'access_blocked'],
    retry: true,
  },
  other_loopback: {
    ...FAILED,
    summary: 'Ollama listens only at [::1], and {host} means 127.0.0.1 here.',
    why: 'At its other address, the same machine answered as Ollama does.',
    fix: [
      { text: 'Use that address.', command: 'OLLAMA_URL=http://[::1]:{port} npm start' },
      { text: 'Or let Ollama listen at both addresses.', command: '{openOllama}' },
    ],
  },
  not_reachable: {
    ...FAILED,
    summary: 'No connection to {host}:{port} could be made.',
    why: 'A bare TCP connection did not open either, and nothing suggests a problem with the name.',
    fix: [WAKE, START_TUNNEL],
    or: ['tunnel_down', 'timed_out', 'observer_blind'],
    retry: true,
  },
  connection_dropped: {
    ...FAILED,
    summary: 'The connection opens, then ends without an answer.',
    why: 'A bare TCP connection stays open, but every request was cut off, even when repeated.',
    fix: [
      ASK_AT_HOME,
      CHECK_TUNNEL,
      { text: 'If the server expects encryption, use https:// in OLLAMA_URL.' },
    ],
    or: ['ollama_down', 'tunnel_down', 'tls_failure', 'not_ollama', 'access_blocked'],
    retry: true,
  },
  edge_refused: {
    ...FAILED,
    summary:
      'The name resolves, but the server behind it refuses Cloudflare’s connection (error 521).',
    why: 'Cloudflare’s edge answered with error 521.',
    fix: [START_OLLAMA, START_TUNNEL, { text: 'Check that the router still forwards the port.' }],
    or: ['tunnel_down', 'ollama_down'],
    retry: true,
  },
  edge_no_connection: {
    ...FAILED,
    summary:
      'The name resolves, but Cloudflare could not connect to the server behind it (error {code}).',
    why: 'Cloudflare’s edge answered with error {code}.',
    fix: [
      WAKE,
      START_TUNNEL,
      {
        text: 'Check that the DNS record holds the current address of your home.',
        command: 'dig {host}',
      },
    ],
    or: ['tunnel_down', 'timed_out', 'dns_failure'],
    retry: true,
  },
  edge_odd_answer: {
    ...FAILED,
    summary:
      'Cloudflare got an empty or broken answer from the server behind the name (error 520).',
    why: 'Cloudflare’s edge answered with error 520.',
    fix: [ASK_AT_HOME, CHECK_TUNNEL],
    or: ['ollama_down', 'tunnel_down', 'not_ollama', 'tls_failure'],
    retry: true,
  },
  edge_fault: {
    ...FAILED,
    summary: 'Cloudflare itself failed (HTTP {status}). Your home is not the cause.',
    why: 'Cloudflare’s edge sent this answer itself, with its own error {code}.',
    fix: [
      { text: 'Check again in a minute.' },
      { text: 'Check whether Cloudflare reports an incident: cloudflarestatus.com' },
    ],
    or: ['observer_blind', 'unknown'],
    retry: true,
  },
  every_other_fails: {
    ...FAILED,
    summary: 'Ollama answers, but not every request gets through.',
    why: 'Of several requests, moments apart, Ollama answered some, and others failed.',
    fix: [
      {
        text: 'If a proxy distributes requests over two servers, one of them is down.',
        command: '{whoListens}',
      },
      CHECK_TUNNEL,
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
    summary: 'No answer, and this failure has no name yet: {error}',
    why: 'Porchlight does not recognise the error text of its runtime.',
    fix: [ASK_AT_HOME, COPY_REPORT],
    or: ['connection_failed', 'tls_failure', 'observer_blind'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
