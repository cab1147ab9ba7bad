/** The fields of Ollama's requests, and Go's errors when one has the wrong type. */
import { parseKeepAlive } from './durations.ts'
import { isObject } from './go-json.ts'
import type { Json, JsonObject } from './go-json.ts'

type Check = (value: Json, where: string) => string | null

function jsonKind(value: Json): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const mismatch = (value: Json, where: string, type: string): string =>
  `json: cannot unmarshal ${jsonKind(value)} into Go struct field ${where} of type ${type}`

const plain =
  (type: string, fits: (value: Json) => boolean): Check =>
  (value, where) =>
    fits(value) ? null : mismatch(value, where, type)

const list =
  (type: string, item: Check): Check =>
  (value, where) => {
    if (!Array.isArray(value)) return mismatch(value, where, type)
    for (const one of value) {
      const problem = one === null ? null : item(one, where)
      if (problem) return problem
    }
    return null
  }

const text = plain('string', (value) => typeof value === 'string')
const flag = plain('bool', (value) => typeof value === 'boolean')
const whole = plain('int', (value) => Number.isInteger(value))
const anything: Check = () => null
const options = plain('map[string]interface {}', isObject)

const base64: Check = (value, where) => {
  if (typeof value !== 'string') return mismatch(value, where, '[]uint8')
  const bad = value.search(/[^A-Za-z0-9+/=\r\n]/)
  if (bad >= 0) return `illegal base64 data at input byte ${bad}`
  return value.replace(/[\r\n]/g, '').length % 4
    ? `illegal base64 data at input byte ${value.length - 1}`
    : null
}

const keepAlive: Check = (value) => {
  const duration = parseKeepAlive(value)
  return 'error' in duration ? duration.error : null
}

/** The levels depend on the version, so this field is not in the tables below. */
export function checkThink(value: Json | undefined, levels: readonly string[]): string | null {
  if (
    value === undefined ||
    value === null ||
    typeof value === 'boolean' ||
    levels.includes(value as string)
  )
    return null
  const allowed = `(${levels.map((level) => `"${level}"`).join(', ')}, true, or false)`
  if (typeof value !== 'string') return `think must be a boolean or string ${allowed}`
  return `invalid think value: "${value}" (must be ${allowed.slice(1)}`
}

const images = list('[]api.ImageData', base64)
const message: Check = (value) =>
  isObject(value)
    ? checkFields(MESSAGE, 'Alias', value)
    : `json: cannot unmarshal ${jsonKind(value)} into Go value of type api.Alias`

const MESSAGE = {
  role: text,
  content: text,
  thinking: text,
  images,
  tool_calls: list('[]api.ToolCall', anything),
  tool_name: text,
}

const SHARED = {
  model: text,
  stream: flag,
  format: anything,
  keep_alive: keepAlive,
  options,
  think: anything,
  truncate: flag,
  shift: flag,
  logprobs: flag,
  top_logprobs: whole,
  _debug_render_only: flag,
}

export const REQUESTS = {
  GenerateRequest: {
    ...SHARED,
    prompt: text,
    suffix: text,
    system: text,
    template: text,
    context: list('[]int', whole),
    raw: flag,
    images,
  },
  ChatRequest: {
    ...SHARED,
    messages: list('[]api.Message', message),
    tools: list('[]api.Tool', anything),
  },
  EmbedRequest: {
    model: text,
    input: anything,
    truncate: flag,
    dimensions: whole,
    keep_alive: keepAlive,
    options,
  },
  PullRequest: { model: text, name: text, insecure: flag, stream: flag },
  DeleteRequest: { model: text, name: text },
  CopyRequest: { source: text, destination: text },
  ShowRequest: { model: text, name: text, system: text, template: text, verbose: flag, options },
} as const satisfies Record<string, Record<string, Check>>

function checkFields(
  fields: Record<string, Check>,
  struct: string,
  value: JsonObject,
): string | null {
  for (const [key, field] of Object.entries(value)) {
    const problem = field === null ? null : (fields[key]?.(field, `${struct}.${key}`) ?? null)
    if (problem) return problem
  }
  return null
}

export function checkRequest(struct: keyof typeof REQUESTS, value: Json): string | null {
  if (isObject(value)) return checkFields(REQUESTS[struct], struct, value)
  return value === null
    ? null
    : `json: cannot unmarshal ${jsonKind(value)} into Go value of type api.${struct}`
}

const OPTION_TYPES = {
  integer: {
    names: [
      'num_ctx',
      'num_batch',
      'num_gpu',
      'main_gpu',
      'num_thread',
      'num_keep',
      'seed',
      'num_predict',
      'top_k',
      'repeat_last_n',
    ],
    fits: (value: Json) => typeof value === 'number',
  },
  float32: {
    names: [
      'temperature',
      'top_p',
      'min_p',
      'typical_p',
      'repeat_penalty',
      'presence_penalty',
      'frequency_penalty',
    ],
    fits: (value: Json) => typeof value === 'number',
  },
  boolean: { names: ['use_mmap', 'numa'], fits: (value: Json) => typeof value === 'boolean' },
  array: { names: ['stop'], fits: (value: Json) => Array.isArray(value) },
} as const satisfies Record<string, { names: readonly string[]; fits: (value: Json) => boolean }>

/** Only types are checked: unknown options pass, as in Ollama. */
export function checkOptions(options: JsonObject): string | null {
  for (const [type, { names, fits }] of Object.entries(OPTION_TYPES)) {
    const wrong = names.find(
      (name) => options[name] !== undefined && options[name] !== null && !fits(options[name]),
    )
    if (wrong) return `option "${wrong}" must be of type ${type}`
  }
  return null
}
