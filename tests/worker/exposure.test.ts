import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ExposureReport } from '../../src/lib/contract/exposure.ts'
import type { Exposure } from '../../src/lib/diagnosis/exposure.ts'
import { readConfig } from '../../worker/config.ts'
import { probeExposure } from '../../worker/diagnosis/exposure-probe.ts'
import { ExposureWatch } from '../../worker/diagnosis/exposure-watch.ts'
import { SettingsStore } from '../../worker/settings/store.ts'
import { asked, homeUrl, post, reset, setFault, worker } from '../support/workerd/client.ts'

beforeEach(reset)

/** The simulated home, taken for one that has a public name. */
function publicHome() {
  const config = readConfig({
    OLLAMA_URL: homeUrl,
    OLLAMA_AUTHORIZATION: 'Bearer secret',
    CF_ACCESS_CLIENT_ID: 'id',
    CF_ACCESS_CLIENT_SECRET: 'secret',
  })
  if ('fault' in config.home) throw new Error('no home')
  return { ...config, home: { ...config.home, reach: 'public' as const } }
}

describe('looking from outside', () => {
  test('a home that answers everybody is open, and nothing that is set here goes along', async () => {
    expect(await probeExposure(publicHome())).toBe('open')
    const requests = await asked()
    expect(requests.length).toBeGreaterThan(0)
    for (const { headers } of requests)
      expect(
        Object.keys(headers).filter((name) => /authorization|cookie|cf-access/i.test(name)),
      ).toEqual([])
  })

  test.each([
    ['access_login', 'closed'],
    ['basic_auth', 'closed'],
    ['sso_redirect', 'closed'],
    ['login_form', 'unknown'],
    ['cloudflared_offline', 'unknown'],
    ['refused', 'unknown'],
  ] as const)('%s: %s', async (fault, state) => {
    await setFault(fault)
    expect(await probeExposure(publicHome())).toBe(state)
  })

  test('a home of this machine is asked nothing', async () => {
    expect(await probeExposure(readConfig({ OLLAMA_URL: homeUrl }))).toBe('not_public')
    expect(await asked()).toEqual([])
  })
})

describe('what was seen', () => {
  const watched = (
    work: (watch: (origin: string, look: () => Exposure) => ExposureWatch) => Promise<void>,
  ) =>
    runInDurableObject(env.HOME.get(env.HOME.newUniqueId()), async (_home, { storage }) => {
      const settings = new SettingsStore(storage.sql)
      await work((origin, look) => new ExposureWatch(settings, origin, async () => look()))
    })

  test('is looked at once a day, by many as by one', async () => {
    let looks = 0
    await watched(async (watch) => {
      const home = watch('https://a.example', () => (looks++, 'open'))
      const all = await Promise.all([home.state(false), home.state(false), home.state(false)])
      expect([looks, new Set(all.map(({ state }) => state)).size]).toEqual([1, 1])
      await home.state(false)
      expect(looks).toBe(1)
      await home.state(true)
      expect(looks).toBe(2)
    })
  })

  test('says nothing of another address', async () => {
    await watched(async (watch) => {
      await watch('https://a.example', () => 'open').state(false)
      expect((await watch('https://b.example', () => 'closed').state(false)).state).toBe('closed')
    })
  })

  test('may be hidden for a while, and is news again when it was closed in between', async () => {
    await watched(async (watch) => {
      let state: Exposure = 'open'
      const home = watch('https://a.example', () => state)
      await home.state(false)
      expect(home.hide(Date.now() + 1000).hiddenUntil).toBeGreaterThan(Date.now())
      expect((await home.state(true)).hiddenUntil).not.toBeNull()
      state = 'closed'
      await home.state(true)
      state = 'open'
      expect((await home.state(true)).hiddenUntil).toBeNull()
    })
  })
})

describe('GET /api/exposure', () => {
  test('tells the owner, with what an old Ollama means', async () => {
    const report = await (await worker('/api/exposure')).json<ExposureReport>()
    expect(report).toMatchObject({ state: 'not_public', fix: [], hiddenUntil: null })
    expect(report.advisory).toEqual({ id: 'CVE-2026-7482', version: '0.12.11', fixedIn: '0.17.1' })
  })

  test('is nobody else’s business', async () => {
    expect((await worker('/api/exposure', { headers: { Via: 'x' } })).status).toBe(401)
    expect((await worker('/api/exposure/hide', post({ days: 7 }, { Via: 'x' }))).status).toBe(401)
    expect((await worker('/api/exposure/hide', post({ days: 99 }))).status).toBe(422)
  })
})
