import type { Reason } from './reason.ts'
import { START_OLLAMA, START_TUNNEL, WAKE, ASK_AT_HOME } from './steps.ts'

/** Between here and whatever accepts the connection: the name, the connection, its encryption. */
export const LINE_REASONS = {
  name_not_found: {
    cause: 'dns_failure',
    rung: 'dns',
    summary: 'The name {host} does not exist (any more).',
    fix: [
      { text: 'See that the name is written rightly.', command: 'nslookup {host}' },
      {
        text: 'A quick tunnel gets a new name at every start: start it again, and read what it prints.',
        command: '{start}',
      },
      { text: 'If it printed a new address, set it here.', command: '{setUrl}' },
    ],
  },
  docker_name: {
    cause: 'dns_failure',
    rung: 'dns',
    summary:
      'The name {host} does not resolve on this machine. A Docker service name only exists between containers of its own network.',
    fix: [
      {
        text: 'Publish the port of the container, then use the address of this machine.',
        command: 'OLLAMA_URL=http://127.0.0.1:11434 npm start',
      },
    ],
  },
  name_server_failed: {
    cause: 'dns_failure',
    rung: 'dns',
    summary: 'The name servers of {host} do not answer properly.',
    fix: [{ text: 'Look at the name servers and DNSSEC settings of the domain.', command: 'dig {host} +dnssec' }],
    retry: true,
  },
  name_without_address: {
    cause: 'dns_failure',
    rung: 'dns',
    summary: 'The name {host} exists, but has no address.',
    fix: [{ text: 'Add an A, AAAA or CNAME record for it.', command: 'dig {host}' }],
  },
  name_probably_not_found: {
    cause: 'dns_failure',
    rung: 'dns',
    summary: 'No connection came about, most likely because the name {host} does not resolve.',
    fix: [{ text: 'Ask for the name yourself.', command: 'nslookup {host}' }, START_TUNNEL],
    or: ['connection_failed', 'observer_blind'],
    retry: true,
  },
  refused: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'Nothing listens at {host}:{port}. The program that should answer there is not running.',
    fix: [START_OLLAMA, START_TUNNEL],
    or: ['tunnel_down', 'ollama_down'],
    retry: true,
  },
  nothing_listens_here: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'Nothing listens at {host}:{port}. Ollama is not running, or runs on another port.',
    fix: [START_OLLAMA],
    or: ['ollama_down'],
    retry: true,
  },
  not_reachable: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'The name resolves, but no connection to {host}:{port} came about.',
    fix: [WAKE, START_TUNNEL],
    or: ['tunnel_down', 'timed_out'],
    retry: true,
  },
  connection_dropped: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'The connection opens, then ends without an answer.',
    fix: [ASK_AT_HOME, START_TUNNEL, { text: 'If the other side wants encryption, write https:// in OLLAMA_URL.' }],
    or: ['ollama_down', 'tunnel_down', 'tls_failure', 'not_ollama'],
    retry: true,
  },
  edge_no_connection: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'The name resolves, but Cloudflare could not connect to what it names (error {code}).',
    fix: [WAKE, START_TUNNEL],
    or: ['tunnel_down', 'timed_out'],
    retry: true,
  },
  edge_odd_answer: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'Cloudflare got an empty or broken answer from what stands behind the name (error 520).',
    fix: [ASK_AT_HOME, START_TUNNEL],
    or: ['ollama_down', 'tunnel_down', 'not_ollama'],
    retry: true,
  },
  certificate_rejected: {
    cause: 'tls_failure',
    rung: 'connect',
    summary: 'The certificate of {host} is not trusted: self-made, expired or for another name.',
    fix: [{ text: 'Look at the certificate.', command: 'curl -vI {url}' }],
  },
  tls_handshake: {
    cause: 'tls_failure',
    rung: 'connect',
    summary:
      'The connection opens, but no encrypted line comes about: the certificate is not trusted, or the other side does not speak TLS.',
    fix: [{ text: 'Look at the handshake.', command: 'curl -vI {url}' }, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted'],
  },
  plain_to_tls: {
    cause: 'tls_failure',
    rung: 'connect',
    summary: 'The other side wants encryption, but OLLAMA_URL starts with http://.',
    fix: [{ text: 'Write https:// in front of the address.', command: '{setUrl}' }],
    or: ['tunnel_misrouted'],
  },
  unnamed_silence: {
    cause: 'unknown',
    rung: 'connect',
    summary: 'Failed in a way we have no name for yet: {error}',
    fix: [ASK_AT_HOME],
    retry: true,
  },
} as const satisfies Record<string, Reason>
