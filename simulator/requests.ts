/** A generate or chat request: parsed, validated in Ollama's order, and turned into one shape. */
import { parseKeepAlive } from './durations.ts'
import { checkOptions, checkRequest, checkThink } from './fields.ts'
import { decode, isObject } from './go-json.ts'
import type { Json, JsonObject } from './go-json.ts'
import type { Capability, Model } from './models.ts'
import { findByName, fullName, parseName } from './names.ts'
import { has } from './versions.ts'

export type Api = 'generate' | 'chat'
export type Refusal = { status: number; error: string }

export interface Task {
  api: Api
  version: string
  /** As sent: every line of the answer repeats it. */
  name: string
  model: Model
  body: JsonObject
  options: JsonObject
  prompt: string
  /** Everything the model reads, for counting tokens. */
  reading: string
  stream: boolean
  keepAliveMs: number | null
  think: boolean
}

const STRUCTS = { generate: 'GenerateRequest', chat: 'ChatRequest' } as const satisfies Record<
  Api,
  string
>

const LEVELS = ['high', 'medium', 'low'] as const

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
const objects = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : []

export const messagesOf = (body: JsonObject): JsonObject[] => objects(body.messages)
export const toolsOf = (body: JsonObject): JsonObject[] => objects(body.tools)

export function readRequest(
  struct: Parameters<typeof checkRequest>[0],
  bytes: Buffer,
): { body: JsonObject } | Refusal {
  const decoded = decode(bytes)
  if ('error' in decoded) return { status: 400, error: decoded.error }
  const error = checkRequest(struct, decoded.value)
  if (error) return { status: 400, error }
  return { body: isObject(decoded.value) ? decoded.value : {} }
}

function findModel(
  api: Api,
  name: string,
  models: readonly Model[],
  version: string,
): Model | Refusal {
  if (parseName(name) === null) {
    if (name !== '' && has(version, 'invalidNameText'))
      return { status: 400, error: 'invalid model name' }
    if (api === 'chat') return { status: 400, error: 'model is required' }
  }
  return findByName(models, name) ?? { status: 404, error: `model '${name}' not found` }
}

const lacks = (model: Model, capability: Capability): boolean =>
  !model.capabilities.includes(capability)

function longName(model: Model): string {
  const name = parseName(model.name)
  return name ? fullName(name) : model.name
}

type Rule = (task: Task) => Refusal | null | false

const RULES = [
  ({ body }) => {
    const count = body.top_logprobs
    return (
      typeof count === 'number' &&
      (count < 0 || count > 20) && { status: 400, error: 'top_logprobs must be between 0 and 20' }
    )
  },
  ({ model, api, version }) => Boolean(model.remote) && offline(model, api, version),
  ({ body }) => {
    const more =
      body.template || body.system || (Array.isArray(body.context) && body.context.length > 0)
    return (
      body.raw === true &&
      Boolean(more) && {
        status: 400,
        error: 'raw mode does not support template, system, or context',
      }
    )
  },
  ({ name, model, api }) =>
    lacks(model, 'completion') && { status: 400, error: `"${name}" does not support ${api}` },
  ({ name, model, body }) =>
    Boolean(body.think) &&
    lacks(model, 'thinking') && { status: 400, error: `"${name}" does not support thinking` },
  ({ body, model, version }) =>
    typeof body.think === 'string' &&
    !has(version, 'anyThinkLevel') &&
    model.family !== 'gptoss' && {
      status: 400,
      error: `think value "${body.think}" is not supported for this model`,
    },
  ({ body, model }) =>
    Boolean(body.suffix) &&
    lacks(model, 'insert') && { status: 400, error: `${longName(model)} does not support insert` },
  ({ body, model }) =>
    toolsOf(body).length > 0 &&
    lacks(model, 'tools') && { status: 400, error: `${longName(model)} does not support tools` },
  ({ options }) => {
    const error = checkOptions(options)
    return error !== null && { status: 500, error }
  },
] as const satisfies readonly Rule[]

/** A cloud model runs at ollama.com, which this home cannot reach. */
export function offline(model: Model, route: Api | 'show', version: string): Refusal {
  const host = model.remote?.host ?? ''
  const name = host.replace(/^https?:\/\/|:\d+$/g, '')
  const dial = `dial tcp: lookup ${name} on 127.0.0.53:53: read udp 127.0.0.1:48660->127.0.0.53:53: read: connection refused`
  return {
    status: has(version, 'cloudShow') ? 502 : 500,
    error: `Post "${host}/api/${route}?ts=${Math.floor(Date.now() / 1000)}": ${dial}`,
  }
}

function toTask(api: Api, model: Model, body: JsonObject, version: string): Task {
  const messages = messagesOf(body)
  const lastAsked = messages
    .filter((message) => message.role !== 'assistant' && message.role !== 'system')
    .at(-1)
  const keepAlive =
    body.keep_alive === undefined || body.keep_alive === null
      ? null
      : parseKeepAlive(body.keep_alive)
  const read = [
    text(body.system) || (model.system ?? ''),
    text(body.prompt),
    ...messages.map((message) => text(message.content)),
  ]
  return {
    api,
    version,
    name: text(body.model),
    model,
    body,
    options: isObject(body.options) ? body.options : {},
    prompt: api === 'chat' ? text(lastAsked?.content) : text(body.prompt),
    reading: read.join('\n'),
    stream: body.stream !== false,
    keepAliveMs: keepAlive && 'ms' in keepAlive ? keepAlive.ms : null,
    think: !lacks(model, 'thinking') && body.think !== false,
  }
}

export function isRefusal(value: object): value is Refusal {
  return 'status' in value && 'error' in value
}

/** There is nothing to generate: the model is only loaded, or unloaded. */
export function isEmpty(task: Task): boolean {
  return task.api === 'chat' ? messagesOf(task.body).length === 0 : task.prompt === ''
}

export function readTask(
  api: Api,
  bytes: Buffer,
  models: readonly Model[],
  version: string,
): Task | Refusal {
  const request = readRequest(STRUCTS[api], bytes)
  if (!('body' in request)) return request
  const thinkError = checkThink(
    request.body.think,
    has(version, 'thinkMax') ? [...LEVELS, 'max'] : LEVELS,
  )
  if (thinkError) return { status: 400, error: thinkError }
  const model = findModel(api, text(request.body.model), models, version)
  if (isRefusal(model)) return model
  const task = toTask(api, model, request.body, version)
  for (const rule of RULES) {
    const refusal = rule(task)
    if (refusal) return refusal
  }
  return task
}
