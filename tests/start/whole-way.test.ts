import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildIfChanged } from '../../scripts/build.ts'
import { startWorker, type Running } from '../../scripts/runtime.ts'
import { startHome, type Home } from '../../simulator/home.ts'
import type { AlertsView } from '../../src/lib/contract/alerts.ts'
import type { IncidentList } from '../../src/lib/contract/history.ts'
import {
  startReceiver,
  type Manner,
  type Received,
  type Receiver,
} from '../support/alert-server.ts'

const SECRET = 'whsec_bmljZSBhbmQgbG9uZyBlbm91Z2g='
const MINUTE_MS = 60_000

/** A home, the receivers of its alerts, and the server between them with a controlled clock. */
class Stage {
  readonly home: Home
  readonly #receiver: Receiver
  readonly #folder = mkdtempSync(join(tmpdir(), 'porchlight-way-'))
  /** The last tick. */
  minute = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
  #server: Running | null = null

  constructor(home: Home, receiver: Receiver) {
    this.home = home
    this.#receiver = receiver
  }

  /** Starts or restarts the server. */
  async start(url = this.home.url) {
    await this.#server?.stop()
    const bundle = await buildIfChanged(() => undefined)
    const bindings = {
      ...{ RUNTIME: 'local', OLLAMA_URL: url, WEBHOOK_SECRET: SECRET },
      ...{ NTFY_URL: `${this.#receiver.url}/my-topic`, WEBHOOK_URL: `${this.#receiver.url}/hook` },
    }
    this.#server = await startWorker({ bundle, port: 0, folder: this.#folder, bindings })
  }

  async stop() {
    await Promise.all([this.#server?.stop(), this.#receiver.stop(), this.home.stop()])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** The next minute of the platform's clock. */
  tick = () => this.#server?.tick(new Date((this.minute += MINUTE_MS)))

  fetchJson = async <Shape>(path: string) =>
    (await (await fetch(`${this.#server?.url}${path}`)).json()) as Shape

  send = (method: string, path: string, body: unknown) =>
    fetch(`${this.#server?.url}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })

  answers = (path: string, manner: Manner) =>
    fetch(`${this.#receiver.url}/control/manner?path=${path}`, {
      method: 'PUT',
      body: JSON.stringify(manner),
    })

  async subscribe(name: string) {
    const browser = await fetch(`${this.#receiver.url}/control/browser?name=${name}`, {
      method: 'POST',
    })
    const subscription = { ...((await browser.json()) as object), device: name }
    expect((await this.send('POST', '/api/alerts/subscriptions', subscription)).status).toBe(204)
  }

  /** What each receiver got, in order: the signed part of a webhook, the decrypted text of a push. */
  async got() {
    const all = (await (await fetch(`${this.#receiver.url}/control/got`)).json()) as Received[]
    const at = (path: string) => all.filter((one) => one.path === path)
    return {
      ntfy: at('/').map(
        ({ body }) => JSON.parse(body) as { topic: string; title: string; sequence_id: string },
      ),
      hook: at('/hook').map((one) => ({
        ...(JSON.parse(one.body) as Hook),
        isSigned: isSigned(one),
      })),
      push: at('/push/phone').map(({ push, headers }) => {
        const { notification } = JSON.parse(push?.text ?? '') as {
          notification: { title: string; tag: string }
        }
        return { ...notification, topic: headers['topic'] }
      }),
    }
  }
}

const onStage = (act: (stage: Stage) => Promise<void>) => async () => {
  const stage = new Stage(await startHome(), await startReceiver())
  try {
    await stage.start()
    await act(stage)
  } finally {
    await stage.stop()
  }
}

interface Hook {
  id: string
  data: { incident: string; kind: string; cause: string; title: string }
}

/** Checks the signature as a library for Standard Webhooks does. */
function isSigned({ headers, body }: Received): boolean {
  const key = Buffer.from(SECRET.replace('whsec_', ''), 'base64')
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  return (
    headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(text).digest('base64')}`
  )
}

// Each waits for repeated checks, so they run side by side.
describe.concurrent('alerts from a home to its owner', () => {
  test(
    'an outage is one notification at every receiver, across restarts and a receiver that was down',
    onStage(async (stage) => {
      const { home, tick, fetchJson, answers } = stage
      await stage.subscribe('phone')
      await tick()
      expect(await stage.got()).toEqual({ ntfy: [], hook: [], push: [] })

      await home.setFault('cloudflared_offline')
      await answers('/hook', { status: 503 })
      await tick()
      const down = await stage.got()
      expect(down.ntfy.map(({ topic, title }) => [topic, title])).toEqual([
        ['my-topic', 'Offline: Tunnel is down'],
      ])
      expect(down.push.map(({ title }) => title)).toEqual(['Offline: Tunnel is down'])
      expect(down.hook.map(({ data, isSigned }) => [data.kind, data.cause, isSigned])).toEqual([
        ['opened', 'tunnel_down', true],
      ])

      await stage.start()
      await answers('/hook', { status: 204 })
      await tick()
      await tick()
      const again = await stage.got()
      expect([again.ntfy.length, again.push.length]).toEqual([1, 1])
      expect(again.hook.map(({ id }) => id)).toEqual([down.hook[0]?.id, down.hook[0]?.id])

      await home.reset()
      await tick()
      await tick()
      const over = await stage.got()
      expect(over.ntfy.map(({ title }) => title)).toEqual([
        'Offline: Tunnel is down',
        'Online: Everything answers',
      ])
      expect(over.push.map(({ title }) => title)).toEqual([
        'Offline: Tunnel is down',
        'Online: Everything answers',
      ])
      expect(over.hook.map(({ data, isSigned }) => [data.kind, isSigned])).toEqual([
        ['opened', true],
        ['opened', true],
        ['closed', true],
      ])
      const threads = [
        ...over.ntfy.map(({ sequence_id }) => sequence_id),
        ...over.push.flatMap(({ tag, topic }) => [tag, topic]),
        ...over.hook.map(({ data }) => data.incident),
      ]
      expect(new Set(threads).size).toBe(1)

      await stage.start()
      await tick()
      expect(await stage.got()).toEqual(over)
      const { incidents } = await fetchJson<IncidentList>('/api/incidents')
      expect(incidents.map(({ cause, events }) => [cause, events.map(({ kind }) => kind)])).toEqual(
        [['tunnel_down', ['opened', 'recovered']]],
      )
      expect((await fetchJson<AlertsView>('/api/alerts')).waiting).toBe(0)
    }),
    90_000,
  )

  test(
    'a home that is down when its address changes is reported as no longer watched, not as recovered',
    onStage(async (stage) => {
      const { home, tick, fetchJson } = stage
      await home.setFault('cloudflared_offline')
      await tick()
      const other = await startHome()
      try {
        await stage.start(other.url)
        await tick()
        await tick()
        const { ntfy, hook } = await stage.got()
        expect(ntfy.map(({ title }) => title)).toEqual([
          'Offline: Tunnel is down',
          'This home is no longer monitored',
        ])
        expect(hook.map(({ data }) => data.kind)).toEqual(['opened', 'left'])
        expect(new Set(hook.map(({ data }) => data.incident)).size).toBe(1)
        expect((await fetchJson<IncidentList>('/api/incidents')).incidents).toEqual([])
        // Back at the old home, which is still down: this is another incident.
        await stage.start()
        await tick()
        const { incidents } = await fetchJson<IncidentList>('/api/incidents')
        expect(
          incidents.map(({ endedAt, events }) => [endedAt === null, events.at(-1)?.kind]),
        ).toEqual([
          [true, 'opened'],
          [false, 'left'],
        ])
        expect((await stage.got()).hook.map(({ data }) => data.kind)).toEqual([
          'opened',
          'left',
          'opened',
        ])
      } finally {
        await other.stop()
      }
    }),
    90_000,
  )

  test(
    'an outage during maintenance is stored and drawn, sends nothing, and is no downtime',
    onStage(async (stage) => {
      const { home, tick, fetchJson } = stage
      const at = (minutes: number) => new Date(stage.minute + minutes * MINUTE_MS).toISOString()
      const planned = { maintenance: { from: at(1), to: at(5) } }
      await stage.send('PUT', '/api/alerts', planned)
      const began = stage.minute + MINUTE_MS
      await home.setFault('cloudflared_offline')
      await tick()
      await tick()
      await home.reset()
      await tick()
      await tick()
      await tick()
      expect(await stage.got()).toEqual({ ntfy: [], hook: [], push: [] })
      const range = `from=${new Date(began).toISOString()}&to=${new Date(stage.minute + MINUTE_MS).toISOString()}`
      const history = await fetchJson<{ state: string[]; all: object }>(
        `/api/history?res=minute&${range}`,
      )
      expect(history.state).toEqual([...Array<string>(4).fill('maintenance'), 'up'])
      expect(history.all).toMatchObject({ uptime: 1, seen: 0.2, maintenance: 0.8 })
      expect((await fetchJson<IncidentList>('/api/incidents')).incidents).toMatchObject([
        { events: [{ kind: 'opened' }, { kind: 'recovered' }] },
      ])
    }),
    90_000,
  )
})
