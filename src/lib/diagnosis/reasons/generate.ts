import type { Reason } from './reason.ts'
import { ASK_AT_HOME, LET_THROUGH, READ_LOG } from './steps.ts'

const FAILED = { cause: 'model_failed', rung: 'generate' } as const
const LOAD_FIRST = {
  text: 'Load the model at home first, then run again.',
  command: 'ollama run {model} ""',
} as const

/** Failures that only a request for text reveals. */
export const GENERATE_REASONS = {
  request_refused: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'Ollama refuses this request: {error}',
    why: 'It answered {status} in its own format.',
    fix: [{ text: 'Change the request and run it again.' }],
  },
  prompt_too_long: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'The prompt does not fit into the model’s context: {error}',
    why: 'Ollama was asked not to cut it, counted its tokens, and refused it.',
    fix: [
      {
        text: 'Shorten it, or raise num_ctx as far as the model and the memory allow. This command shows the model’s limit.',
        command: 'ollama show {model}',
      },
      { text: 'Or let Ollama cut what is too long: turn “Strict” off.' },
    ],
  },
  refused_by_gateway: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'The request for text was refused (HTTP {status}): {error}',
    why: 'The refusal is JSON as Ollama writes it, but gateways write the same.',
    fix: [LET_THROUGH, READ_LOG],
    or: ['access_blocked', 'not_ollama'],
  },
  cannot_do: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'The model cannot do what was asked: {error}',
    why: 'Ollama itself reported it.',
    fix: [
      {
        text: 'Use another model, or leave that out. This command shows what a model can do.',
        command: 'ollama show {model}',
      },
    ],
  },
  cloud_sign_in: {
    cause: 'access_blocked',
    rung: 'generate',
    summary: '{model} runs in Ollama’s cloud, and the home is not signed in there.',
    why: 'Ollama answered “unauthorized” with the address of its sign-in page.',
    fix: [{ text: 'On the home machine, sign in once.', command: 'ollama signin' }],
  },
  cloud_disabled: {
    cause: 'access_blocked',
    rung: 'generate',
    summary: '{model} runs in Ollama’s cloud, which is turned off at home.',
    why: 'Ollama answered 403 with this reason.',
    fix: [
      {
        text: 'Use a model that is installed at home, or turn the cloud on in Ollama’s settings.',
      },
    ],
  },
  generation_lost: {
    cause: 'access_blocked',
    rung: 'generate',
    summary: 'Ollama answers, but a proxy did not pass on this request (HTTP {status}).',
    why: 'A check at the same moment found nothing wrong, and the refusal is a proxy’s own.',
    fix: [
      { text: 'If the prompt or an image is large, let the proxy accept larger requests.' },
      { text: 'If it failed after a round number of seconds, raise the proxy’s timeout.' },
      READ_LOG,
    ],
    or: [
      'model_failed',
      'timed_out',
      'tunnel_misrouted',
      'ollama_down',
      'not_ollama',
      'ollama_outdated',
    ],
    retry: true,
  },
  generation_dropped: {
    cause: 'model_failed',
    rung: 'generate',
    summary: 'Ollama answers everything else, but the connection ended when text was requested.',
    why: 'A check at the same moment found nothing wrong.',
    fix: [READ_LOG, { text: 'Run it again.' }],
    or: ['connection_failed', 'access_blocked', 'ollama_error', 'tunnel_down'],
    retry: true,
  },
  gateway_error: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'The request for text ended in an error (HTTP {status}): {error}',
    why: 'It is JSON, but the words are those of a gateway that got no answer itself.',
    fix: [ASK_AT_HOME, READ_LOG],
    or: ['ollama_down', 'not_ollama', 'tunnel_misrouted', 'model_failed'],
    retry: true,
  },
  queue_full: {
    cause: 'ollama_busy',
    rung: 'generate',
    summary: 'Ollama is busy: its queue is full.',
    why: 'It answered 503 with its own words, “server busy”.',
    fix: [
      { text: 'Wait until the running requests are done, then try again.', command: 'ollama ps' },
    ],
    retry: true,
  },
  load_failed: {
    ...FAILED,
    summary: 'Ollama could not load {model}: {error}',
    why: 'The error is Ollama’s own, from starting the model’s runner.',
    fix: [
      READ_LOG,
      { text: 'Check whether memory is short, and what else is loaded.', command: 'ollama ps' },
      {
        text: 'If the log reports a damaged file, pull the model again.',
        command: 'ollama pull {model}',
      },
    ],
  },
  out_of_memory: {
    ...FAILED,
    summary: '{model} does not fit into the memory of the home machine.',
    why: 'Ollama’s error is about memory: {error}',
    fix: [
      { text: 'Check what else is loaded, and unload it.', command: 'ollama ps' },
      { text: 'Or use a smaller model or quantisation, or a smaller num_ctx.' },
    ],
  },
  runner_died: {
    ...FAILED,
    summary: 'The model stopped before its answer was complete: {error}',
    why: 'Ollama reports that the model’s runner ended. The text so far is kept.',
    fix: [{ text: 'Run it again.' }, READ_LOG],
    or: ['ollama_error'],
    retry: true,
  },
  error_midway: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'The answer ended in an error: {error}',
    why: 'The stream contained a line with an error. The text so far is kept.',
    fix: [{ text: 'Run it again.' }, READ_LOG],
    or: ['model_failed', 'access_blocked', 'not_ollama'],
    retry: true,
  },
  error_in_stream: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'An error arrived instead of text: {error}',
    why: 'The answer began with 200 and contained an error and no text.',
    fix: [READ_LOG, ASK_AT_HOME],
    or: ['not_ollama', 'model_failed'],
    retry: true,
  },
  cut_midway: {
    cause: 'connection_failed',
    rung: 'generate',
    summary: 'The connection broke in the middle of the answer. The text so far is kept.',
    why: 'The connection ended before the last line of the answer.',
    fix: [{ text: 'Check the home, then run it again.' }],
    or: ['ollama_down', 'tunnel_down', 'model_failed'],
    retry: true,
  },
  ended_early: {
    ...FAILED,
    summary:
      'The answer ended without its last line, so it may not be complete. The text so far is kept.',
    why: 'Only a line with “done” ends an answer, and none arrived.',
    fix: [
      { text: 'Run it again. Ollama cuts off a model that repeats itself in this way.' },
      READ_LOG,
    ],
    or: ['ollama_error', 'connection_failed', 'ollama_down', 'tunnel_misrouted'],
    retry: true,
  },
  broken_line: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'A line of the answer could not be read. The text so far is kept.',
    why: 'Every line from Ollama is JSON; this one is not, or it has no end.',
    fix: [{ text: 'Run it again. If it happens again, a proxy on the way changes the stream.' }],
    or: ['not_ollama', 'tunnel_misrouted'],
    retry: true,
  },
  stalled: {
    cause: 'generation_stuck',
    rung: 'generate',
    summary: 'The answer stopped coming: nothing for {seconds} s. The text so far is kept.',
    why: 'The connection stayed open, but no more text arrived.',
    fix: [
      { text: 'Check what the model is doing.', command: 'ollama ps' },
      { text: 'Restart Ollama on the home machine.', command: '{restartOllama}' },
    ],
    or: ['timed_out', 'tunnel_down'],
    retry: true,
  },
  generation_hangs: {
    cause: 'generation_stuck',
    rung: 'generate',
    summary: 'Ollama answers everything else, but {model} produced no token within {seconds} s.',
    why: 'The version and the list arrived at once, the model is loaded, and a request for one token got no answer.',
    fix: [
      { text: 'Check whether it is working on something else.', command: 'ollama ps' },
      { text: 'If not, restart Ollama on the home machine.', command: '{restartOllama}' },
    ],
    or: ['ollama_busy', 'timed_out'],
    retry: true,
  },
  loads_too_long: {
    cause: 'timed_out',
    rung: 'generate',
    summary: '{model} was not loaded, and produced no token within {seconds} s.',
    why: 'The check asked for a token, which makes Ollama load the model; when the check ends, so does the loading.',
    fix: [LOAD_FIRST],
    or: ['generation_stuck', 'ollama_busy', 'model_failed'],
    retry: true,
  },
  silent_too_long: {
    cause: 'timed_out',
    rung: 'generate',
    summary:
      'The tunnel gave up after a long silence: the model took too long to load or to read the prompt. Trying again at once starts the loading over.',
    why: 'A proxy answered {status} in place of Ollama, which sends nothing before the first token.',
    fix: [LOAD_FIRST],
    or: ['generation_stuck', 'model_failed', 'ollama_down', 'tunnel_down'],
  },
} as const satisfies Record<string, Reason>
