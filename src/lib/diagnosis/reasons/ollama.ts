import type { Reason } from './reason.ts'
import {
  ASK_AT_HOME,
  COPY_REPORT,
  READ_LOG,
  SEE_TUNNEL,
  START_OLLAMA,
  START_TUNNEL,
  WAKE,
} from './steps.ts'

const DOWN = { cause: 'ollama_down', rung: 'ollama', retry: true } as const
const LATE = { cause: 'timed_out', rung: 'ollama', retry: true } as const

/** Whether Ollama answers, and how. */
export const OLLAMA_REASONS = {
  slow: {
    cause: 'ok',
    rung: 'ollama',
    summary: 'Everything answers, but slowly: {seconds} s for a question that takes no work.',
    why: 'Ollama holds the answer in memory, so what it takes longer than 2 s is waiting.',
    fix: [{ text: 'On the home machine, see what keeps it busy.', command: 'ollama ps' }],
  },
  cache_in_between: {
    cause: 'ok',
    rung: 'ollama',
    summary:
      'Everything answers, but a cache in between keeps old answers, so this page may show old news.',
    why: 'The answers carry the mark of a cache; a question that no cache answers was answered by Ollama.',
    fix: [{ text: 'Tell the cache in front of {host} to leave /api/ alone.' }],
  },
  far_end_refuses: {
    ...DOWN,
    summary:
      'The tunnel accepts the connection and closes it at once: nothing listens at its far end.',
    why: 'A bare connection was closed before anything was sent; a web server would have waited.',
    fix: [START_OLLAMA, START_TUNNEL],
    or: ['tunnel_down', 'connection_failed', 'access_blocked'],
  },
  origin_refused: {
    ...DOWN,
    summary: 'The tunnel is up, Ollama does not answer behind it.',
    why: 'The tunnel’s own edge says so (HTTP {status}).',
    fix: [
      START_OLLAMA,
      ASK_AT_HOME,
      {
        text: 'If it answers there, the tunnel points at another port or speaks https to it. Point it at Ollama.',
        command: '{point}',
      },
    ],
    or: ['tunnel_misrouted'],
  },
  origin_not_http: {
    ...DOWN,
    summary: 'The tunnel is up, but what it reaches at home does not answer as a web server does.',
    why: 'The tunnel’s own edge says so ({code}).',
    fix: [
      { text: 'Let the tunnel speak plain http to port 11434.', command: '{point}' },
      ASK_AT_HOME,
    ],
    or: ['tls_failure', 'tunnel_misrouted', 'not_ollama'],
  },
  proxy_bad_gateway: {
    ...DOWN,
    summary:
      'A proxy answers in place of your home (HTTP {status}). Ollama is down, or the line between the proxy and your home is.',
    why: 'The answer came at once and is not Ollama’s. A stopped Ollama and a dead tunnel behind the proxy look the same.',
    fix: [START_OLLAMA, SEE_TUNNEL, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted', 'timed_out', 'access_blocked'],
  },
  proxy_cannot_resolve: {
    ...DOWN,
    summary:
      'The proxy in front of your home does not know the name of the machine that Ollama should be on.',
    why: 'Its page says that a DNS lookup failed: a name at home, not {host}.',
    fix: [
      {
        text: 'Mend the name in the proxy’s settings; between containers it is the service’s name.',
        command: 'docker ps',
      },
    ],
    or: ['tunnel_misrouted', 'tunnel_down'],
  },
  localtunnel_hangs: {
    ...DOWN,
    tunnels: ['localtunnel'],
    summary:
      'The localtunnel client is connected, but nothing comes back through it within {seconds} s.',
    why: 'localtunnel has no error answer: when Ollama is down, its client tries again for ever and says nothing.',
    fix: [START_OLLAMA, ASK_AT_HOME, START_TUNNEL],
    or: ['timed_out', 'tunnel_down'],
  },
  proxy_waited: {
    ...LATE,
    summary: 'A proxy waited for your home and gave up (HTTP {status}).',
    why: 'The answer is a proxy’s own, after {seconds} s, for one of the home that did not come in time.',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: ['ollama_down', 'tunnel_down', 'tunnel_misrouted', 'access_blocked'],
  },
  no_answer: {
    ...LATE,
    summary: 'No answer within {seconds} s. Asleep, stuck and overloaded look the same from here.',
    why: 'The request went out, and nothing came back until our patience ended.',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: [
      'tunnel_down',
      'ollama_down',
      'connection_failed',
      'generation_stuck',
      'not_ollama',
      'access_blocked',
      'tls_failure',
      'tunnel_misrouted',
    ],
  },
  list_hangs: {
    ...LATE,
    summary: 'Ollama answers, but its list of models does not come within {seconds} s.',
    why: 'The version came, which is held in memory; the list is read from the disk.',
    fix: [
      {
        text: 'On the home machine, see whether its disk is busy, then ask for the list.',
        command: 'curl http://localhost:11434/api/tags',
      },
      READ_LOG,
    ],
    or: ['ollama_error', 'connection_failed', 'tunnel_down', 'access_blocked'],
  },
  host_check: {
    cause: 'host_rejected',
    rung: 'ollama',
    summary: 'Ollama refuses the host name {host}. One setting of the tunnel fixes it.',
    why: 'An empty 403 that gains Access-Control-Allow-Origin for an origin that Ollama allows, and for no other: only its own check does that.',
    fix: [
      { text: 'Let the tunnel send a host name that Ollama accepts.', command: '{acceptHost}' },
      { text: 'Or let Ollama accept every name, behind a firewall.', command: '{openOllama}' },
    ],
  },
  host_check_sometimes: {
    cause: 'host_rejected',
    rung: 'ollama',
    summary: 'Ollama refuses the host name {host}, but not every time.',
    why: 'Empty 403s and proper answers come in turn. localtunnel’s --local-host rewrites only the first request of each connection.',
    fix: [{ text: 'Let Ollama accept every name, behind a firewall.', command: '{openOllama}' }],
    or: ['split_home', 'access_blocked'],
  },
  origin_rejected: {
    cause: 'host_rejected',
    rung: 'ollama',
    summary: 'Something on the way adds an Origin that Ollama refuses.',
    why: 'Without an Origin of ours the answer is an empty 403; with one that Ollama allows it is let in.',
    fix: [
      { text: 'Let the proxy send no Origin header.', command: 'proxy_set_header Origin "";' },
      { text: 'Or allow that origin.', command: 'OLLAMA_ORIGINS=https://{host} ollama serve' },
    ],
    or: ['access_blocked'],
  },
  error_answer: {
    cause: 'ollama_error',
    rung: 'ollama',
    summary: 'Ollama answers, but with an error (HTTP {status}): {error}',
    why: 'The error is in Ollama’s own form.',
    fix: [READ_LOG],
    retry: true,
  },
  unnamed: {
    cause: 'unknown',
    rung: 'ollama',
    summary:
      'Failed in a way we have no name for yet (HTTP {status}). What was seen is kept; copy it.',
    why: 'The answer fits nothing that we know.',
    fix: [ASK_AT_HOME, COPY_REPORT],
    or: ['not_ollama', 'tunnel_misrouted', 'access_blocked'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
