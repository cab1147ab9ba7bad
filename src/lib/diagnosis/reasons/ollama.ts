import type { Reason } from './reason.ts'
import {
  ASK_AT_HOME,
  COPY_REPORT,
  READ_LOG,
  CHECK_TUNNEL,
  START_OLLAMA,
  START_TUNNEL,
  WAKE,
} from './steps.ts'

const DOWN = { cause: 'ollama_down', rung: 'ollama', retry: true } as const
const LATE = { cause: 'timed_out', rung: 'ollama', retry: true } as const

/** Whether and how Ollama answers. */
export const OLLAMA_REASONS = {
  slow: {
    cause: 'ok',
    rung: 'ollama',
    summary: 'Everything answers, but slowly: {seconds} s for a request that needs no work.',
    why: 'Ollama holds the answer in memory, so anything beyond 2 s is waiting.',
    fix: [{ text: 'On the home machine, check what keeps it busy.', command: 'ollama ps' }],
  },
  cache_in_between: {
    cause: 'ok',
    rung: 'ollama',
    summary:
      'Everything answers, but a cache on the way keeps old answers, so this page may be out of date.',
    why: 'The responses carry the headers of a cache. Ollama itself answered a request that no cache answers.',
    fix: [{ text: 'Configure the cache in front of {host} to skip /api/.' }],
  },
  far_end_refuses: {
    ...DOWN,
    summary:
      'The tunnel accepts the connection and closes it at once: nothing listens at its far end.',
    why: 'A bare TCP connection was closed before anything was sent; a web server would have waited.',
    fix: [START_OLLAMA, START_TUNNEL],
    or: ['tunnel_down', 'connection_failed', 'access_blocked'],
  },
  origin_refused: {
    ...DOWN,
    summary: 'The tunnel is up, Ollama does not answer behind it.',
    why: 'The tunnel’s own edge reports it (HTTP {status}).',
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
    summary:
      'The tunnel is up, but the program that it reaches at home does not answer as a web server does.',
    why: 'The tunnel’s own edge reports it ({code}).',
    fix: [
      { text: 'Let the tunnel speak plain http to port 11434.', command: '{point}' },
      ASK_AT_HOME,
    ],
    or: ['tls_failure', 'tunnel_misrouted', 'not_ollama'],
  },
  proxy_bad_gateway: {
    ...DOWN,
    summary:
      'A proxy answers in place of your home (HTTP {status}). Ollama is down, or the connection between the proxy and your home is.',
    why: 'The answer came at once and is not Ollama’s. A stopped Ollama and a dead tunnel behind the proxy look the same.',
    fix: [START_OLLAMA, CHECK_TUNNEL, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted', 'timed_out', 'access_blocked'],
  },
  proxy_cannot_resolve: {
    ...DOWN,
    summary:
      'The proxy in front of your home cannot resolve the name of the machine that should run Ollama.',
    why: 'Its error page reports a failed DNS lookup: of a name at home, not of {host}.',
    fix: [
      {
        text: 'Fix the name in the proxy’s settings. Between containers, it is the name of the service.',
        command: 'docker ps',
      },
    ],
    or: ['tunnel_misrouted', 'tunnel_down'],
  },
  localtunnel_hangs: {
    ...DOWN,
    tunnels: ['localtunnel'],
    summary:
      'The localtunnel client is connected, but no answer arrives through it within {seconds} s.',
    why: 'localtunnel has no error answer: when Ollama is down, its client retries indefinitely without an error.',
    fix: [START_OLLAMA, ASK_AT_HOME, START_TUNNEL],
    or: ['timed_out', 'tunnel_down'],
  },
  proxy_waited: {
    ...LATE,
    summary: 'A proxy waited for your home and gave up (HTTP {status}).',
    why: 'After {seconds} s the proxy sent an answer of its own, because the home’s answer did not arrive in time.',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: ['ollama_down', 'tunnel_down', 'tunnel_misrouted', 'access_blocked'],
  },
  no_answer: {
    ...LATE,
    summary: 'No answer within {seconds} s. Asleep, stuck and overloaded look the same from here.',
    why: 'The request was sent, and no response arrived before the timeout.',
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
    summary: 'Ollama answers, but its list of models does not arrive within {seconds} s.',
    why: 'The version arrived, which Ollama holds in memory; it reads the list from the disk.',
    fix: [
      {
        text: 'On the home machine, check whether its disk is busy, then request the list.',
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
    why: 'The response is an empty 403. It gains Access-Control-Allow-Origin for an origin that Ollama allows, and for no other; only Ollama’s own check does that.',
    fix: [
      { text: 'Let the tunnel send a host name that Ollama accepts.', command: '{acceptHost}' },
      { text: 'Or let Ollama accept every name, behind a firewall.', command: '{openOllama}' },
    ],
  },
  host_check_sometimes: {
    cause: 'host_rejected',
    rung: 'ollama',
    summary: 'Ollama refuses the host name {host}, but not every time.',
    why: 'Empty 403s and proper answers alternate. localtunnel’s --local-host rewrites only the first request of each connection.',
    fix: [{ text: 'Let Ollama accept every name, behind a firewall.', command: '{openOllama}' }],
    or: ['split_home', 'access_blocked'],
  },
  origin_rejected: {
    cause: 'host_rejected',
    rung: 'ollama',
    summary: 'Something on the way adds an Origin header that Ollama refuses.',
    why: 'When we send no Origin, the answer is an empty 403; when we send one that Ollama allows, the request gets through.',
    fix: [
      { text: 'Let the proxy remove the Origin header.', command: 'proxy_set_header Origin "";' },
      { text: 'Or allow that origin.', command: 'OLLAMA_ORIGINS=https://{host} ollama serve' },
    ],
    or: ['access_blocked'],
  },
  error_answer: {
    cause: 'ollama_error',
    rung: 'ollama',
    summary: 'Ollama answers, but with an error (HTTP {status}): {error}',
    why: 'The error is in Ollama’s own format.',
    fix: [READ_LOG],
    retry: true,
  },
  unnamed: {
    cause: 'unknown',
    rung: 'ollama',
    summary: 'This failure has no name yet (HTTP {status}). What was seen is kept; copy it.',
    why: 'The response matches no failure that we know.',
    fix: [ASK_AT_HOME, COPY_REPORT],
    or: ['not_ollama', 'tunnel_misrouted', 'access_blocked'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
