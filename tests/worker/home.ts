import { exports } from 'cloudflare:workers'
import { inject } from 'vitest'
import type { Asked } from '../../simulator/asked.ts'
import type { FaultName } from '../../simulator/faults.ts'
import { createApi } from '../../worker/api.ts'
import { readConfig, type Variables } from '../../worker/config.ts'
import { diagnose } from '../../worker/diagnosis/diagnose.ts'

const { url, control } = inject('home')

export const homeUrl = url

const order = async (method: string, path: string, body?: unknown) => {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }
  return (await fetch(`${control}${path}`, { method, ...json })).text()
}

export const setFault = (name: FaultName) => order('PUT', '/fault', { name })
export const reset = () => order('POST', '/reset')
export const asked = async () => JSON.parse(await order('GET', '/asked')) as Asked[]

const BASE = 'http://localhost'

/** The API with a configuration of the test's own: real probes over real sockets, nothing kept. */
export function apiWith(variables: Variables) {
  const config = readConfig({ RUNTIME: 'local', ...variables })
  const api = createApi({
    config,
    check: async ({ model }) => {
      const now = Date.now()
      return {
        verdict: await diagnose(config, model ? [model] : config.wanted),
        checkedAt: now,
        since: now,
        lastSeen: null,
      }
    },
  })
  return async (path: string, init?: RequestInit) => api.fetch(new Request(`${BASE}${path}`, init))
}

/** The whole Worker, as the platform calls it, with its Durable Object. Its home is the simulated one. */
export const worker = (path: string, init?: RequestInit) => exports.default.fetch(new Request(`${BASE}${path}`, init))

export const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
