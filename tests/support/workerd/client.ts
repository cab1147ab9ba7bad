import { exports } from 'cloudflare:workers'
import { inject } from 'vitest'
import type { Asked } from '../../../simulator/asked.ts'
import type { FaultName, Settings } from '../../../simulator/faults.ts'
import { portsOf } from '../../../worker/home/client.ts'
import type { Home } from '../../../worker/home/index.ts'
import { createApi } from '../../../worker/api.ts'
import { readConfig, type Variables } from '../../../worker/config.ts'
import { diagnose } from '../../../worker/diagnosis/diagnose.ts'
import type { AuthPort } from '../../../worker/auth/port.ts'
import type { AlertsPort } from '../../../worker/alerts/port.ts'
import type { ExposurePort } from '../../../worker/diagnosis/port.ts'
import type { MonitoringPort } from '../../../worker/monitoring/port.ts'
import type { QueueLease, QueuePort, RunsPort } from '../../../worker/runs/port.ts'
import type { SettingsPort } from '../../../worker/settings/port.ts'
import type { SharesPort } from '../../../worker/shares/port.ts'
import type { WarmUpPort } from '../../../worker/models/port.ts'

const { url, control } = inject('home')
const handshakes = inject('handshakes')

export const homeUrl = url

const order = async (method: string, path: string, body?: unknown) => {
  const json =
    body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
  return (await fetch(`${control}${path}`, { method, ...json })).text()
}

/** Breaks the home, and returns the settings of a server that meets this fault. */
export async function setFault(name: FaultName | null): Promise<Settings> {
  const { settings } = JSON.parse(await order('PUT', '/fault', { name })) as { settings: Settings }
  const handshake = handshakes[hostOf(settings.OLLAMA_URL ?? '')]
  return { ...settings, ...(handshake === undefined ? {} : { HANDSHAKE_URL: handshake }) }
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname : '')

export const reset = () => order('POST', '/reset')
export const asked = async () => JSON.parse(await order('GET', '/asked')) as Asked[]

const BASE = 'http://localhost'

/** Runs and alerts live in the Durable Object, which has the whole Worker in front of it: see `worker` below. */
const nothing = () => {
  throw new Error('this request needs the Durable Object')
}
const nowhere = new Proxy(
  {} as RunsPort & QueuePort & WarmUpPort & ExposurePort & AlertsPort & SettingsPort & SharesPort,
  {
    get: () => nothing,
  },
)
const unheard: MonitoringPort = {
  history: nothing,
  incidents: nothing,
  failures: nothing,
  status: nothing,
}

/** An API without a Durable Object has no signed-in callers. */
const noCallers = new Proxy({ identify: async () => null } as unknown as AuthPort, {
  get: (known, name) =>
    name === 'identify'
      ? known.identify
      : () => {
          throw new Error('a sign-in needs the Durable Object')
        },
})

/** The features of a home object of the test's own. */
export const portsAt = (stub: DurableObjectStub<Home>) => portsOf(() => stub)

/** A slot that is granted at once. */
export const FREE: QueueLease = {
  isGranted: async () => true,
  renew: async () => undefined,
  [Symbol.dispose]: () => undefined,
}

/** The API with a configuration of the test's own: real probes over real sockets, nothing kept. */
export function apiWith(
  variables: Variables,
  { monitor = {} }: { monitor?: Partial<MonitoringPort> } = {},
) {
  const config = readConfig({ RUNTIME: 'local', ...variables })
  const api = createApi({
    config,
    diagnosis: {
      check: async (request, onFindings) => {
        const now = Date.now()
        const verdict = await diagnose(config, request, onFindings)
        return { verdict, checkedAt: now, since: now, lastSeen: null }
      },
      latest: async () => null,
    },
    alerts: nowhere,
    auth: noCallers,
    exposure: nowhere,
    monitoring: { ...unheard, ...monitor },
    runQueue: { ...nowhere, lease: async () => FREE },
    runs: nowhere,
    settings: nowhere,
    shares: nowhere,
    warmUp: {
      ...nowhere,
      outlooks: async (models) => models.map(() => ({ coldMs: null, mayExceed: false })),
    },
  })
  return async (path: string, init?: RequestInit) => api.fetch(new Request(`${BASE}${path}`, init))
}

/** The whole Worker, as the platform calls it, with its Durable Object. Its home is the simulated one. */
export const worker = (path: string, init?: RequestInit) =>
  exports.default.fetch(new Request(new URL(path, BASE), init))

export const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** The same request with these headers as well. */
export function withHeaders(init: RequestInit, added: Record<string, string>): RequestInit {
  const headers = new Headers(init.headers)
  for (const [name, value] of Object.entries(added)) headers.set(name, value)
  return { ...init, headers }
}
