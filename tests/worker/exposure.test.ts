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

/** The simulated home, treated as if it had a public name. */
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

describe('exposure probe', () => {
  test('a home that answers strangers is open, and the probe sends none of our credentials', async () => {
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
  ] as const)('the exposure probe judges a home under %s as %s', async (fault, state) => {
    await setFault(fault)
    expect(await probeExposure(publicHome())).toBe(state)
  })

  test('the exposure probe sends no request to a home on this machine', async () => {
    expect(await probeExposure(readConfig({ OLLAMA_URL: homeUrl }))).toBe('not_public')
    expect(await asked()).toEqual([])
  })
})

describe('exposure watch', () => {
  const watched = (
    work: (watch: (origin: string, look: () => Exposure) => ExposureWatch) => Promise<void>,
  ) =>
    runInDurableObject(env.HOME.get(env.HOME.newUniqueId()), async (_home, { storage }) => {
      const settings = new SettingsStore(storage.sql)
      await work((origin, look) => new ExposureWatch(settings, origin, async () => look()))
    })

  test('exposure is probed once a day, however many callers there are', async () => {
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

  test('the exposure of one address is not reported for another', async () => {
    await watched(async (watch) => {
      await watch('https://a.example', () => 'open').state(false)
      expect((await watch('https://b.example', () => 'closed').state(false)).state).toBe('closed')
    })
  })

  test('a warning about exposure can be hidden, and returns if the home was closed in between', async () => {
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
  test('the owner gets the exposure of the home and the advisory for an old Ollama', async () => {
    const report = await (await worker('/api/exposure')).json<ExposureReport>()
    expect(report).toMatchObject({ state: 'not_public', fix: [], hiddenUntil: null })
    expect(report.advisory).toEqual({ id: 'CVE-2026-7482', version: '0.12.11', fixedIn: '0.17.1' })
  })

  test('only the owner can read or hide the exposure of the home', async () => {
    expect((await worker('/api/exposure', { headers: { Via: 'x' } })).status).toBe(401)
    expect((await worker('/api/exposure/hide', post({ days: 7 }, { Via: 'x' }))).status).toBe(401)
    expect((await worker('/api/exposure/hide', post({ days: 99 }))).status).toBe(422)
  })
})
