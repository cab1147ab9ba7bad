/** Sets faults and returns the requests so far, for tests that run in another process. */
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FAULTS, isFaultName } from './faults.ts'
import type { FaultName } from './faults.ts'
import { isObject } from './go-json.ts'
import type { Controlled } from './controlled.ts'
import type { Model } from './models.ts'

type Outcome = { status: number; value: unknown }
type Action = (home: Controlled, body: unknown) => Outcome | Promise<Outcome>

const ok = (value: unknown): Outcome => ({ status: 200, value })
const wrong = (error: string): Outcome => ({ status: 400, value: { error } })

const NUMBERS = ['size', 'contextLength', 'loadMs'] as const satisfies readonly (keyof Model)[]
const TEXTS = [
  'name',
  'digest',
  'family',
  'parameterSize',
  'quantization',
] as const satisfies readonly (keyof Model)[]

function isModel(value: unknown): boolean {
  if (!isObject(value)) return false
  const known =
    TEXTS.every((key) => typeof value[key] === 'string') &&
    NUMBERS.every((key) => typeof value[key] === 'number')
  return known && Array.isArray(value.capabilities)
}

const titles = () =>
  Object.fromEntries(Object.entries(FAULTS).map(([name, { title }]) => [name, title]))

async function choose(home: Controlled, name: FaultName | null): Promise<Outcome> {
  await home.setFault(name)
  return ok({ name, settings: home.settings() })
}

const ACTIONS = {
  'GET /faults': () => ok(titles()),
  'GET /fault': (home) => ok({ name: home.fault, settings: home.settings() }),
  'PUT /fault': (home, body) => {
    const name = isObject(body) ? body.name : undefined
    if (name === null || isFaultName(name)) return choose(home, name)
    return wrong(`unknown fault; GET /faults lists all ${Object.keys(FAULTS).length}`)
  },
  'DELETE /fault': (home) => choose(home, null),
  'GET /asked': (home) => ok(home.asked()),
  'DELETE /asked': (home) => {
    home.forget()
    return ok([])
  },
  'GET /models': (home) => ok(home.models),
  'PUT /models': (home, body) => {
    if (!Array.isArray(body) || !body.every(isModel))
      return wrong('a list of models is needed, each as in simulator/models.ts')
    home.setModels(body as Model[])
    return ok(home.models)
  },
  'POST /reset': async (home) => {
    await home.reset()
    return ok({ name: null })
  },
} as const satisfies Record<string, Action>

async function readJson(request: IncomingMessage): Promise<{ body: unknown } | null> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  try {
    return { body: text === '' ? null : JSON.parse(text) }
  } catch {
    return null
  }
}

async function act(home: Controlled, request: IncomingMessage): Promise<Outcome> {
  const key = `${request.method} ${request.url?.split('?')[0]}`
  const read = await readJson(request)
  if (read === null) return wrong('the body is not JSON')
  if (!Object.hasOwn(ACTIONS, key))
    return { status: 404, value: { error: 'no such action', actions: Object.keys(ACTIONS) } }
  const action: Action = ACTIONS[key as keyof typeof ACTIONS]
  return action(home, read.body)
}

export async function startControl(
  home: Controlled,
  port: number,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const server = createServer((request, response) => {
    void act(home, request).then(({ status, value }) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value))
    })
  })
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  )
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}
