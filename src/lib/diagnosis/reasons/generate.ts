import type { Reason } from './reason.ts'

/** What only a request for text can see. */
export const GENERATE_REASONS = {
  request_refused: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'Ollama refuses this request: {error}',
    fix: [{ text: 'Change the request and run it again.' }],
  },
  queue_full: {
    cause: 'ollama_busy',
    rung: 'generate',
    summary: 'Ollama is busy: its queue is full.',
    fix: [{ text: 'Wait until the running requests are done, then try again.' }],
    retry: true,
  },
  load_failed: {
    cause: 'model_failed',
    rung: 'generate',
    summary: 'Ollama could not load {model}: {error}',
    fix: [
      { text: 'Pull the model again; the file may be damaged.', command: 'ollama pull {model}' },
      { text: 'Look at Ollama’s log.', command: 'journalctl -u ollama -n 50' },
    ],
  },
  out_of_memory: {
    cause: 'model_failed',
    rung: 'generate',
    summary: '{model} does not fit into the memory of the home machine.',
    fix: [{ text: 'Take a smaller model or quantisation, or a smaller num_ctx.', command: 'ollama ps' }],
  },
  runner_died: {
    cause: 'model_failed',
    rung: 'generate',
    summary: 'The model stopped in the middle of the answer: {error}',
    fix: [{ text: 'Run it again. If it happens again, look at Ollama’s log.', command: 'journalctl -u ollama -n 50' }],
    or: ['ollama_error'],
    retry: true,
  },
  cut_midway: {
    cause: 'connection_failed',
    rung: 'generate',
    summary: 'The connection broke in the middle of the answer. The text so far is kept.',
    fix: [{ text: 'Check the home, then run it again.' }],
    or: ['ollama_down', 'tunnel_down', 'model_failed'],
    retry: true,
  },
  ended_early: {
    cause: 'model_failed',
    rung: 'generate',
    summary: 'The answer ended without its last line, so it may not be complete. The text so far is kept.',
    fix: [{ text: 'Run it again. A model that repeats itself is cut off by Ollama like this.' }],
    or: ['ollama_error', 'connection_failed', 'ollama_down'],
    retry: true,
  },
  broken_line: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'A line of the answer could not be read. The text so far is kept.',
    fix: [{ text: 'Run it again. If it happens again, a proxy on the way changes the stream.' }],
    or: ['not_ollama', 'tunnel_misrouted'],
    retry: true,
  },
  stalled: {
    cause: 'generation_stuck',
    rung: 'generate',
    summary: 'The answer stopped coming: nothing for {seconds} s. The text so far is kept.',
    fix: [
      { text: 'See what the model is doing.', command: 'ollama ps' },
      { text: 'Restart Ollama on the home machine.', command: 'sudo systemctl restart ollama' },
    ],
    or: ['timed_out', 'tunnel_down'],
    retry: true,
  },
  silent_too_long: {
    cause: 'timed_out',
    rung: 'generate',
    summary:
      'The tunnel gave up after a long silence: the model took too long to load or to read the prompt. Trying again at once starts the load anew.',
    fix: [{ text: 'Load the model at home first, then run again.', command: 'ollama run {model} ""' }],
    or: ['generation_stuck'],
  },
} as const satisfies Record<string, Reason>
