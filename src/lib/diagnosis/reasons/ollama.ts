import type { Reason } from './reason.ts'
import {
  ASK_AT_HOME,
  COPY_REPORT,
  POINT_AT_OLLAMA,
  READ_LOG,
  SEE_TUNNEL,
  START_OLLAMA,
  START_TUNNEL,
  WAKE,
} from './steps.ts'

const DOWN = { cause: 'ollama_down', rung: 'ollama', retry: true } as const
const OTHER = { cause: 'not_ollama', rung: 'ollama' } as const
const LATE = { cause: 'timed_out', rung: 'ollama', retry: true } as const

/** What answers at home. */
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
    summary: 'Everything answers, but a cache in between keeps old answers, so this page may show old news.',
    why: 'The answers carry the mark of a cache; a question that no cache answers was answered by Ollama.',
    fix: [{ text: 'Tell the cache in front of {host} to leave /api/ alone.' }],
  },
  far_end_refuses: {
    ...DOWN,
    summary: 'The tunnel accepts the connection and closes it at once: nothing listens at its far end.',
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
        text: 'If it answers there, the tunnel points at another port or speaks https to it. Start it again.',
        command: '{start}',
      },
    ],
    or: ['tunnel_misrouted'],
  },
  origin_not_http: {
    ...DOWN,
    summary: 'The tunnel is up, but what it reaches at home does not answer as a web server does.',
    why: 'The tunnel’s own edge says so ({code}).',
    fix: [{ text: 'Let the tunnel speak plain http to port 11434.', command: '{start}' }, ASK_AT_HOME],
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
    summary: 'The proxy in front of your home does not know the name of the machine that Ollama should be on.',
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
    summary: 'The localtunnel client is connected, but nothing comes back through it within {seconds} s.',
    why: 'localtunnel has no error answer: when Ollama is down, its client tries again for ever and says nothing.',
    fix: [START_OLLAMA, ASK_AT_HOME, START_TUNNEL],
    or: ['timed_out', 'tunnel_down'],
  },
  proxy_waited: {
    ...LATE,
    summary: 'A proxy waited for your home and gave up (HTTP {status}).',
    why: 'The answer is a proxy’s own, after {seconds} s, for one of the home that did not come in time.',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: ['ollama_down', 'tunnel_down'],
  },
  no_answer: {
    ...LATE,
    summary: 'No answer within {seconds} s. Asleep, stuck and overloaded look the same from here.',
    why: 'The request went out, and nothing came back until our patience ended.',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: ['tunnel_down', 'ollama_down', 'connection_failed', 'generation_stuck'],
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
    or: ['ollama_error', 'connection_failed'],
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
  not_http: {
    ...OTHER,
    summary: 'Something answers at {host}:{port}, but it does not speak HTTP.',
    why: 'It spoke first, before any request; a web server waits.',
    fix: [POINT_AT_OLLAMA],
    or: ['tunnel_misrouted', 'connection_failed'],
  },
  other_service: {
    ...OTHER,
    summary: 'Something answers at {host}, but it is not Ollama.',
    why: 'The answer to /api/version is not what Ollama says.',
    fix: [POINT_AT_OLLAMA, COPY_REPORT],
    or: ['tunnel_misrouted', 'ollama_down', 'access_blocked', 'observer_blind'],
  },
  open_webui: {
    ...OTHER,
    summary: 'Open WebUI answers at {host}, not Ollama.',
    why: 'Its version carries a deployment_id, which only Open WebUI’s does.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434, not at the web page’s.', command: '{start}' }],
  },
  llama_cpp: {
    ...OTHER,
    summary: 'A llama.cpp server (or one like it) answers at {host}, not Ollama.',
    why: 'It lists models in Ollama’s way, but does not know /api/version.',
    fix: [POINT_AT_OLLAMA],
    or: ['ollama_outdated'],
  },
  unknown_path: {
    ...OTHER,
    summary: 'Whatever answers at {host} does not know Ollama’s routes.',
    why: 'It answered {status} to /api/version.',
    fix: [POINT_AT_OLLAMA],
    or: ['tunnel_misrouted', 'ollama_outdated', 'tunnel_down', 'ollama_down', 'access_blocked'],
  },
  too_old: {
    cause: 'ollama_outdated',
    rung: 'ollama',
    summary: 'Ollama answers, but is too old: it does not know /api/version.',
    why: 'The front page is Ollama’s own greeting, and the route is not there. It came with 0.1.14.',
    fix: [{ text: 'Update Ollama on the home machine.', command: '{updateOllama}' }],
    or: ['access_blocked'],
  },
  answers_differ: {
    cause: 'split_home',
    rung: 'ollama',
    summary: 'Two different servers answer at this address, in turn. One of them is probably not the one you mean.',
    why: 'The same questions, moments apart, got contradicting answers: {difference}.',
    fix: [
      {
        text: 'On the home machine, see who listens. A native Ollama beside one in a container is the usual pair.',
        command: '{whoListens}',
      },
      {
        text: 'Stop the one that you do not mean, or give it another port.',
        command: 'OLLAMA_HOST=127.0.0.1:11435 ollama serve',
      },
    ],
  },
  two_at_localhost: {
    cause: 'split_home',
    rung: 'ollama',
    summary:
      'Two different servers listen at {host}:{port}: one at 127.0.0.1 and one at ::1. Which of them answers is luck.',
    why: 'Asked by its two addresses, {host} gave contradicting answers: {difference}.',
    fix: [
      { text: 'See which programs they are. Often one is native and one in a container.', command: '{whoListens}' },
      {
        text: 'Until one is stopped, name the one that you mean.',
        command: 'OLLAMA_URL=http://127.0.0.1:{port} npm start',
      },
    ],
  },
  lists_differ: {
    cause: 'split_home',
    rung: 'ollama',
    summary: 'The list of models changed while we looked: two servers may answer at this address, in turn.',
    why: 'The same question, moments apart, got different lists: {difference}. Models that are being added or removed right now look the same.',
    fix: [
      { text: 'If nobody is changing models, see who listens on the home machine.', command: '{whoListens}' },
      { text: 'Check again.' },
    ],
    or: ['unknown'],
    retry: true,
  },
  half_ollama: {
    cause: 'split_home',
    rung: 'ollama',
    summary: 'Ollama lists its models at {host}, but something else answers for its version (HTTP {status}).',
    why: 'Of two questions at the same moment, one was answered by Ollama and one was not.',
    fix: [
      { text: 'See who listens at home; two servers may answer in turn.', command: '{whoListens}' },
      { text: 'If a proxy is in between, let it pass all of /api/ on.' },
    ],
    or: ['access_blocked', 'not_ollama', 'tunnel_misrouted'],
  },
  list_odd: {
    ...OTHER,
    summary: 'Something answers like Ollama at {host}, but its list of models cannot be read.',
    why: 'The version came, and /api/tags answered 200 with something that is not a list of models (or is cut).',
    fix: [ASK_AT_HOME, COPY_REPORT],
    or: ['split_home', 'ollama_error', 'tunnel_misrouted', 'access_blocked'],
  },
  list_too_long: {
    cause: 'unknown',
    rung: 'ollama',
    summary: 'Ollama answers, but its list of models is longer than we read ({megabytes} MB).',
    why: 'The list was still going on when we stopped reading.',
    fix: [COPY_REPORT],
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
    summary: 'Failed in a way we have no name for yet (HTTP {status}). What was seen is kept; copy it.',
    why: 'The answer fits nothing that we know.',
    fix: [ASK_AT_HOME, COPY_REPORT],
    or: ['not_ollama', 'tunnel_misrouted', 'access_blocked'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
