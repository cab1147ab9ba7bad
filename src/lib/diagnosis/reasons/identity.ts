import type { Reason } from './reason.ts'
import { ASK_AT_HOME, COPY_REPORT, POINT_AT_OLLAMA } from './steps.ts'

const OTHER = { cause: 'not_ollama', rung: 'ollama' } as const

/** Which program answers. */
export const IDENTITY_REASONS = {
  not_http: {
    ...OTHER,
    summary: 'Something answers at {host}:{port}, but it does not speak HTTP.',
    why: 'It sent data before any request; a web server waits for one.',
    fix: [POINT_AT_OLLAMA],
    or: ['tunnel_misrouted', 'connection_failed'],
  },
  other_service: {
    ...OTHER,
    summary: 'Something answers at {host}, but it is not Ollama.',
    why: 'The answer to /api/version is not one that Ollama sends.',
    fix: [POINT_AT_OLLAMA, COPY_REPORT],
    or: ['tunnel_misrouted', 'ollama_down', 'access_blocked', 'observer_blind'],
  },
  open_webui: {
    ...OTHER,
    summary: 'Open WebUI answers at {host}, not Ollama.',
    why: 'Its version carries a deployment_id, which only Open WebUI sends.',
    fix: [
      {
        text: 'Point the tunnel at Ollama’s port, 11434, not at the port of the web page.',
        command: '{point}',
      },
    ],
  },
  llama_cpp: {
    ...OTHER,
    summary: 'A llama.cpp server (or one like it) answers at {host}, not Ollama.',
    why: 'It lists models in Ollama’s format, but does not know /api/version.',
    fix: [POINT_AT_OLLAMA],
    or: ['ollama_outdated'],
  },
  unknown_path: {
    ...OTHER,
    summary: 'The program that answers at {host} does not know Ollama’s routes.',
    why: 'It answered {status} to /api/version.',
    fix: [POINT_AT_OLLAMA],
    or: ['tunnel_misrouted', 'ollama_outdated', 'tunnel_down', 'ollama_down', 'access_blocked'],
  },
  too_old: {
    cause: 'ollama_outdated',
    rung: 'ollama',
    summary: 'Ollama answers, but is too old: it does not know /api/version.',
    why: 'The front page is Ollama’s own greeting, but the route is missing. Ollama has it since 0.1.14.',
    fix: [{ text: 'Update Ollama on the home machine.', command: '{updateOllama}' }],
    or: ['access_blocked'],
  },
  answers_differ: {
    cause: 'split_home',
    rung: 'ollama',
    summary:
      'Two different servers answer at this address, in turn. One of them is probably not the one you mean.',
    why: 'The same requests, moments apart, got contradictory answers: {difference}.',
    fix: [
      {
        text: 'On the home machine, check which programs listen. The usual pair is a native Ollama and one in a container.',
        command: '{whoListens}',
      },
      {
        text: 'Stop the one that you do not want, or give it another port.',
        command: 'OLLAMA_HOST=127.0.0.1:11435 ollama serve',
      },
    ],
  },
  two_at_localhost: {
    cause: 'split_home',
    rung: 'ollama',
    summary:
      'Two different servers listen at {host}:{port}: one at 127.0.0.1 and one at ::1. Which of them answers is chance.',
    why: 'At its two addresses, {host} gave contradictory answers: {difference}.',
    fix: [
      {
        text: 'Check which programs they are. Often one is native and one runs in a container.',
        command: '{whoListens}',
      },
      {
        text: 'Until one is stopped, use the address of the one that you want.',
        command: 'OLLAMA_URL=http://127.0.0.1:{port} npm start',
      },
    ],
  },
  lists_differ: {
    cause: 'split_home',
    rung: 'ollama',
    summary:
      'The list of models changed during the check: two servers may answer at this address, in turn.',
    why: 'The same request, moments apart, got different lists: {difference}. Models that are being added or removed right now look the same.',
    fix: [
      {
        text: 'If no models are being added or removed, check which programs listen on the home machine.',
        command: '{whoListens}',
      },
      { text: 'Check again.' },
    ],
    or: ['unknown'],
    retry: true,
  },
  half_ollama: {
    cause: 'split_home',
    rung: 'ollama',
    summary:
      'Ollama lists its models at {host}, but something else answers the request for its version (HTTP {status}).',
    why: 'Of two requests at the same moment, Ollama answered only one.',
    fix: [
      {
        text: 'Check which programs listen at home; two servers may answer in turn.',
        command: '{whoListens}',
      },
      { text: 'If there is a proxy on the way, let it pass on all of /api/.' },
    ],
    or: ['access_blocked', 'not_ollama', 'tunnel_misrouted'],
  },
  list_odd: {
    ...OTHER,
    summary: 'Something answers like Ollama at {host}, but its list of models cannot be read.',
    why: 'The version arrived, but /api/tags answered 200 with something that is not a list of models, or is cut off.',
    fix: [ASK_AT_HOME, COPY_REPORT],
    or: ['split_home', 'ollama_error', 'tunnel_misrouted', 'access_blocked'],
  },
  list_too_long: {
    cause: 'unknown',
    rung: 'ollama',
    summary: 'Ollama answers, but its list of models is longer than we read ({megabytes} MB).',
    why: 'The list had not ended when we stopped reading.',
    fix: [COPY_REPORT],
  },
} as const satisfies Record<string, Reason>
