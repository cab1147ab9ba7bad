/** Ollama's routes, and the checks before them: cleaned paths, methods, Origin, Host. */
import { posix } from 'node:path'
import { copy, pull, remove } from './administration.ts'
import { corsHeaders, corsVerdict, hostKind } from './access.ts'
import type { Exchange } from './connection.ts'
import { embed } from './embed.ts'
import { generation } from './generation.ts'
import { findByName, parseName, shortName } from './names.ts'
import { isRefusal, offline, readRequest } from './requests.ts'
import { psEntry, showAnswer, tagsEntry } from './show.ts'
import { has } from './versions.ts'
import type { Change } from './versions.ts'
import type { World } from './world.ts'

type Handler = (world: World, exchange: Exchange) => void | Promise<void>

interface Route {
  path: string
  methods: readonly string[]
  since?: Change
  headSince?: Change
  handle: Handler
}

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' } as const
const BARE_TEXT = { 'Content-Type': 'text/plain' } as const

const tags: Handler = (world, { reply }) => {
  if (world.tagsError) return reply.error(500, world.tagsError)
  reply.json(200, { models: world.models.map((model) => tagsEntry(model, world.version)) })
}

const ps: Handler = ({ memory, models, version }, { reply }) => {
  const runners = memory
    .listed()
    .filter((runner) => models.some(({ name }) => name === runner.model.name))
  reply.json(200, { models: runners.map((runner) => psEntry(runner, version)) })
}

const show: Handler = async (world, { reply, readBody }) => {
  const request = readRequest('ShowRequest', await readBody())
  if (isRefusal(request)) return reply.error(request.status, request.error)
  const name = (request.body.model || request.body.name || '') as string
  if (name === '') return reply.error(400, 'model is required')
  const parsed = parseName(name)
  const newer = has(world.version, 'invalidNameText')
  if (parsed === null)
    return newer ? reply.error(400, 'invalid model name') : reply.error(500, 'invalid model path')
  const model = findByName(world.usable, name)
  const called = has(world.version, 'showNormalisesName') ? shortName(parsed) : name
  if (!model) return reply.error(404, `model '${called}' not found`)
  if (model.showError) return reply.error(500, model.showError)
  if (model.remote && has(world.version, 'cloudShow')) {
    const { status, error } = offline(model, 'show', world.version)
    return reply.error(status, error)
  }
  reply.json(200, showAnswer(model, world.version))
}

const GET = ['GET'] as const
const GET_HEAD = ['HEAD', 'GET'] as const
const POST = ['POST'] as const

const ROUTES = [
  {
    path: '/',
    methods: GET_HEAD,
    handle: (_, { reply }) => reply.go(200, TEXT, 'Ollama is running'),
  },
  {
    path: '/api/version',
    methods: GET_HEAD,
    since: 'versionRoute',
    headSince: 'headVersion',
    handle: ({ version }, { reply }) => reply.json(200, { version }),
  },
  { path: '/api/tags', methods: GET_HEAD, handle: tags },
  { path: '/api/ps', methods: GET, since: 'psRoute', handle: ps },
  { path: '/api/show', methods: POST, handle: show },
  {
    path: '/api/generate',
    methods: POST,
    handle: (world, exchange) => generation('generate', world, exchange),
  },
  {
    path: '/api/chat',
    methods: POST,
    handle: (world, exchange) => generation('chat', world, exchange),
  },
  { path: '/api/embed', methods: POST, handle: embed },
  { path: '/api/pull', methods: POST, handle: pull },
  { path: '/api/copy', methods: POST, handle: copy },
  { path: '/api/delete', methods: ['DELETE'], handle: remove },
  {
    path: '/api/status',
    methods: GET,
    since: 'statusRoute',
    handle: (_, { reply }) => reply.json(200, { cloud: { disabled: false, source: 'none' } }),
  },
] as const satisfies readonly Route[]

function routeOf(path: string, version: string): Route | undefined {
  const routes: readonly Route[] = ROUTES
  return routes.find((route) => route.path === path && (!route.since || has(version, route.since)))
}

function methodsOf(route: Route, version: string): readonly string[] {
  return route.headSince && !has(version, route.headSince)
    ? route.methods.filter((method) => method !== 'HEAD')
    : route.methods
}

function redirect({ head, reply }: Exchange, status: 301 | 307, path: string): void {
  const query = head.target.includes('?') ? head.target.slice(head.target.indexOf('?')) : ''
  const location = path + query
  if (head.method !== 'GET' && head.method !== 'HEAD')
    return reply.go(status, { Location: location }, '')
  const words = status === 301 ? 'Moved Permanently' : 'Temporary Redirect'
  reply.go(
    status,
    { 'Content-Type': 'text/html; charset=utf-8', Location: location },
    `<a href="${location}">${words}</a>.\n\n`,
  )
}

/** Both happen before any check: even a refused Host is redirected. */
function redirected(world: World, exchange: Exchange): boolean {
  const { path, head } = exchange
  const clean = posix.normalize(path)
  if (clean !== path) {
    redirect(exchange, 307, clean)
    return true
  }
  const bare = routeOf(path.replace(/\/$/, ''), world.version)
  if (path === '/' || !path.endsWith('/') || !bare?.methods.includes(head.method)) return false
  redirect(exchange, head.method === 'GET' ? 301 : 307, bare.path)
  return true
}

function refusedOrigin({ head, reply }: Exchange): boolean {
  const verdict = corsVerdict(head)
  if (verdict === 'not_cors') return false
  if (verdict === 'allowed')
    for (const [name, values] of corsHeaders(head)) reply.common.set(name, values)
  if (verdict === 'allowed' && head.method !== 'OPTIONS') return false
  reply.go(verdict === 'allowed' ? 204 : 403, {}, '')
  return true
}

function refusedHost(world: World, { head, reply }: Exchange): boolean {
  if (!has(world.version, 'hostCheck')) return false
  const kind = world.refusesEveryHost ? 'foreign' : hostKind(head)
  if (kind === 'foreign') reply.go(403, {}, '')
  const preflight = kind === 'name' && head.method === 'OPTIONS' && head.headers.host !== ''
  if (preflight) reply.go(204, {}, '')
  return kind === 'foreign' || preflight
}

function withOrigin({ addsOrigin }: World, exchange: Exchange): Exchange {
  const { head } = exchange
  if (addsOrigin === undefined || head.headers.origin !== undefined) return exchange
  return { ...exchange, head: { ...head, headers: { ...head.headers, origin: addsOrigin } } }
}

export async function askOllama(world: World, incoming: Exchange): Promise<void> {
  const exchange = withOrigin(world, incoming)
  if (redirected(world, exchange)) return
  const { head, path, reply } = exchange
  const route = routeOf(path, world.version)
  const methods = route ? methodsOf(route, world.version) : []
  const wrongMethod =
    route !== undefined && !methods.includes(head.method) && has(world.version, 'methodNotAllowed')
  if (wrongMethod) reply.common.set('Allow', [methods.join(', ')])
  if (refusedOrigin(exchange) || refusedHost(world, exchange)) return
  if (wrongMethod) return reply.go(405, BARE_TEXT, '405 method not allowed')
  if (!route || !methods.includes(head.method))
    return reply.go(404, BARE_TEXT, '404 page not found')
  await route.handle(world, exchange)
}
