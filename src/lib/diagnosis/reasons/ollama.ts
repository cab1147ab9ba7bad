import type { Reason } from './reason.ts'
import { START_OLLAMA, START_TUNNEL, WAKE, ASK_AT_HOME } from './steps.ts'

/** What answers at home, and what it has. */
export const OLLAMA_REASONS = {
  all_lit: { cause: 'ok', rung: 'model', summary: 'Everything answers.', fix: [] },
  model_cold: {
    cause: 'ok',
    rung: 'model',
    summary: 'Everything answers. {model} is not loaded yet, so the first word takes longer.',
    fix: [],
  },
  slow: {
    cause: 'ok',
    rung: 'ollama',
    summary: 'Everything answers, but slowly: {seconds} s for a question that takes no work.',
    fix: [{ text: 'On the home machine, see what keeps it busy.', command: 'ollama ps' }],
  },
  far_end_refuses: {
    cause: 'ollama_down',
    rung: 'ollama',
    summary: 'The tunnel accepts the connection and closes it at once: nothing listens at its far end.',
    fix: [START_OLLAMA, START_TUNNEL],
    or: ['tunnel_down', 'connection_failed'],
    retry: true,
  },
  not_http: {
    cause: 'not_ollama',
    rung: 'ollama',
    summary: 'Something answers at {host}:{port}, but it does not speak HTTP.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434.', command: '{start}' }],
    or: ['tunnel_misrouted', 'connection_failed'],
  },
  host_check: {
    cause: 'host_rejected',
    rung: 'ollama',
    summary: 'Ollama refuses the host name {host}. One flag on the tunnel fixes it.',
    fix: [{ text: 'Let the tunnel send a host name that Ollama accepts.', command: '{acceptHost}' }],
  },
  origin_refused: {
    cause: 'ollama_down',
    rung: 'ollama',
    summary: 'The tunnel is up, Ollama does not answer behind it.',
    fix: [
      START_OLLAMA,
      ASK_AT_HOME,
      { text: 'If it answers there, the tunnel points at another port. Start it again.', command: '{start}' },
    ],
    or: ['tunnel_misrouted'],
    retry: true,
  },
  proxy_bad_gateway: {
    cause: 'ollama_down',
    rung: 'ollama',
    summary:
      'A proxy answers in place of your home (HTTP {status}). Ollama is down, or the line between the proxy and your home is.',
    fix: [START_OLLAMA, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted', 'timed_out'],
    retry: true,
  },
  proxy_waited: {
    cause: 'timed_out',
    rung: 'ollama',
    summary: 'A proxy waited for your home and gave up (HTTP {status}, after {seconds} s).',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: ['ollama_down', 'tunnel_down'],
    retry: true,
  },
  no_answer: {
    cause: 'timed_out',
    rung: 'ollama',
    summary: 'No answer within {seconds} s. Asleep and overloaded look the same from here.',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: ['tunnel_down', 'ollama_down', 'connection_failed'],
    retry: true,
  },
  list_hangs: {
    cause: 'timed_out',
    rung: 'ollama',
    summary: 'Ollama answers, but its list of models does not come within {seconds} s.',
    fix: [
      {
        text: 'On the home machine, look whether its disk is busy, then ask for the list.',
        command: 'curl http://localhost:11434/api/tags',
      },
    ],
    or: ['ollama_error'],
    retry: true,
  },
  other_service: {
    cause: 'not_ollama',
    rung: 'ollama',
    summary: 'Something answers at {host}, but it is not Ollama.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434.', command: '{start}' }],
    or: ['tunnel_misrouted', 'ollama_down'],
  },
  open_webui: {
    cause: 'not_ollama',
    rung: 'ollama',
    summary: 'Open WebUI answers at {host}, not Ollama.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434, not at the web page’s.', command: '{start}' }],
  },
  unknown_path: {
    cause: 'not_ollama',
    rung: 'ollama',
    summary: 'Whatever answers at {host} does not know Ollama’s routes.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434.', command: '{start}' }],
    or: ['tunnel_misrouted', 'ollama_outdated'],
  },
  answers_differ: {
    cause: 'split_home',
    rung: 'ollama',
    summary: 'Two different servers answer at this address, in turn. One of them is probably not the one you mean.',
    fix: [
      {
        text: 'On the home machine, see who listens. A native Ollama beside one in a container is the usual pair.',
        command: 'sudo lsof -nP -iTCP:11434 -sTCP:LISTEN',
      },
      {
        text: 'Stop the one that you do not mean, or give it another port.',
        command: 'OLLAMA_HOST=127.0.0.1:11435 ollama serve',
      },
    ],
  },
  error_answer: {
    cause: 'ollama_error',
    rung: 'ollama',
    summary: 'Ollama answers, but with an error (HTTP {status}): {error}',
    fix: [{ text: 'Look at Ollama’s log on the home machine.', command: 'journalctl -u ollama -n 50' }],
    retry: true,
  },
  no_models: {
    cause: 'model_missing',
    rung: 'model',
    summary: 'Ollama answers, but no model is installed.',
    fix: [{ text: 'Pull one at home.', command: 'ollama pull llama3.2' }],
  },
  model_not_installed: {
    cause: 'model_missing',
    rung: 'model',
    summary: 'Ollama answers, but {model} is not installed.{nearest}',
    fix: [{ text: 'Pull it at home.', command: 'ollama pull {model}' }],
  },
  unnamed: {
    cause: 'unknown',
    rung: 'ollama',
    summary: 'Failed in a way we have no name for yet (HTTP {status}). What was seen is kept; copy it.',
    fix: [ASK_AT_HOME],
    retry: true,
  },
} as const satisfies Record<string, Reason>
