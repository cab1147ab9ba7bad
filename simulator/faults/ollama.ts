/** Faults of Ollama itself. */
import { edgeAnswer } from '../cloudflare.ts'
import { answer, broken, ollama, stream, turns, type Fault } from '../fault.ts'
import { html, jsonApi } from '../other-servers.ts'
import { emptyRefusal } from '../pages.ts'

const SLOW_MS = 3000
const COLD_LOAD_MS = 300
const LATER = 'requests'

export const OLLAMA_FAULTS = {
  host_check: ollama('Ollama refuses the Host header of every request with an empty 403.', {
    refusesEveryHost: true,
  }),
  host_check_sometimes: turns(
    'Every second request has a Host header that Ollama refuses.',
    emptyRefusal,
  ),
  origin_added: ollama('A proxy adds an Origin header that Ollama refuses.', {
    addsOrigin: 'https://elsewhere.example',
  }),
  no_models: ollama('Ollama runs without any model installed.', { models: [] }),
  model_removed: ollama('llama3.2:latest is still listed, but requests for it get a 404.', {
    unusable: 'llama3.2:latest',
  }),
  old_version: ollama('Ollama is 0.1.20, older than most of its API.', { version: '0.1.20' }),
  ancient_version: ollama('Ollama is 0.1.10, older than the version route.', {
    version: '0.1.10',
  }),
  ollama_error: ollama('Ollama cannot read its own list of models: 500.', {
    tagsError: 'open /home/you/.ollama/models/manifests: permission denied',
  }),
  list_hangs: {
    title: 'Ollama answers everything except its list of models, which hangs.',
    kind: 'silent',
    scope: 'list',
    isCut: false,
  },
  list_cut: {
    title: 'The list of models is cut off at its start.',
    kind: 'silent',
    scope: 'list',
    isCut: true,
  },
  list_grows: {
    title: 'Two Ollamas that differ in one model answer in turn.',
    kind: 'split',
    by: 'one model',
  },
  request_refused: broken(
    'Ollama refuses the request itself: 400.',
    400,
    `invalid options: ${LATER}`,
  ),
  cannot_do: broken(
    'The model does not support the request: 400.',
    400,
    '"llama3.2:latest" does not support thinking',
  ),
  prompt_too_long: broken(
    'The prompt is longer than the context, and Ollama may not cut it: 400.',
    400,
    'the input length exceeds the context length',
  ),
  queue_full: broken(
    'The queue of Ollama is full: 503.',
    503,
    'server busy, please try again.  maximum pending requests exceeded',
  ),
  load_failed: broken(
    'The model cannot be loaded: its runner crashes.',
    500,
    'llama runner process has terminated: exit status 2',
  ),
  out_of_memory: broken(
    'The model needs more memory than is available.',
    500,
    'model requires more system memory (11.4 GiB) than is available (6.2 GiB)',
  ),
  cloud_disabled: broken(
    'A cloud model is requested, and the cloud is turned off at home.',
    403,
    'ollama cloud is disabled: remote inference is unavailable',
  ),
  cloud_sign_in: answer(
    'A cloud model is requested, and the home is not signed in.',
    () =>
      jsonApi(401, {
        error: 'unauthorized',
        signin_url: 'https://ollama.com/connect?name=homebox&key=…',
      }),
    'generation',
  ),
  something_new: broken('Ollama answers with an unknown error.', 500, 'the flux has decoupled'),
  generation_dropped: {
    title: 'Ollama answers everything except generations, which end the connection.',
    kind: 'silent',
    scope: 'generation',
    isCut: true,
  },
  generation_hangs: ollama('Ollama answers everything except generations, which hang.', {
    silent: true,
  }),
  split_home: {
    title: 'Two different Ollamas answer in turn under one address.',
    kind: 'split',
    by: 'everything',
  },
  slow: { title: 'Every answer is three seconds late.', kind: 'slow', afterMs: SLOW_MS },

  stream_cut: stream(
    'The answer is cut in the middle: the connection ends without the last chunk.',
    'cut',
  ),
  stream_reset: stream('The connection is reset in the middle of the answer.', 'reset'),
  stream_ends_early: stream(
    'The answer ends cleanly in the middle, without its done line.',
    'ends_early',
  ),
  stream_error_line: stream(
    'The runner crashes in the middle of the answer, and an error line reports it.',
    'error_line',
  ),
  stream_stalls: stream('The answer stops in the middle, and the connection stays open.', 'stalls'),
  stream_html: answer(
    'Generations are answered with a web page and status 200.',
    () => html('One moment', 'This page is not an answer.'),
    'generation',
  ),
  stream_is_an_error: answer(
    'Generations are answered with status 200 and an error in JSON.',
    () => jsonApi(200, { error: 'no backend is available' }),
    'generation',
  ),
  stream_garbage_line: stream('One line in the middle of the answer is not JSON.', 'garbage_line'),
  stream_split_bytes: stream(
    'Healthy, but every byte of the answer is a separate chunk.',
    'split_bytes',
  ),
  cold_load_524: {
    title: 'Loading takes longer than Cloudflare waits: generations answer 524.',
    kind: 'answer',
    scope: 'generation',
    afterMs: COLD_LOAD_MS,
    answer: ({ head }) => edgeAnswer(524, head, 'json'),
  },
} as const satisfies Record<string, Fault>
