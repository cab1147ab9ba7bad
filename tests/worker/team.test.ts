import { importPKCS8, SignJWT } from 'jose'
import { describe, expect, inject, test } from 'vitest'
import { readConfig } from '../../worker/config.ts'
import { apiWith, homeUrl, post } from '../support/workerd/client.ts'

const { url, known, unknown } = inject('team')
const AUD = 'the-application'
const TEAM = { OLLAMA_URL: homeUrl, ACCESS_TEAM_DOMAIN: url, ACCESS_AUD: AUD }
const api = apiWith(TEAM)
const OURS = { 'Sec-Fetch-Site': 'same-origin' }

interface Word {
  key?: string
  kid?: string
  issuer?: string
  audience?: string
  expires?: string | null
  /** The user. A program with a service token has none. */
  subject?: string
}

async function word({
  key = known,
  kid = 'one',
  issuer = url,
  audience = AUD,
  expires = '1h',
  subject = 'a person',
}: Word = {}) {
  const jwt = new SignJWT({ email: 'owner@example.com' })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuedAt()
  jwt.setIssuer(issuer).setAudience(audience).setSubject(subject)
  if (expires !== null) jwt.setExpirationTime(expires)
  return jwt.sign(await importPKCS8(key, 'RS256'))
}

const models = (assertion: string, headers: Record<string, string> = OURS) =>
  api('/api/llm/models', { headers: { 'Cf-Access-Jwt-Assertion': assertion, ...headers } })

describe('Cloudflare Access before the page', () => {
  test('Cloudflare Access lets in members of the team', async () => {
    expect((await models(await word())).status).toBe(200)
    expect(
      await (
        await api('/api/session', { headers: { 'Cf-Access-Jwt-Assertion': await word() } })
      ).json(),
    ).toMatchObject({ owner: 'access', hasAccess: true })
  })

  test.each([
    ['signed by another key', { key: unknown }],
    ['signed by an unknown key', { kid: 'two' }],
    ['of another team', { issuer: 'https://other.cloudflareaccess.com' }],
    ['for another application', { audience: 'another' }],
    ['that has expired', { expires: '-1 minute' }],
    ['that never expires', { expires: null }],
    ['of a program with a service token', { subject: '' }],
  ] satisfies [string, Word][])('an Access token %s is refused', async (_what, how) => {
    expect((await models(await word(how))).status).toBe(401)
  })

  test('an Access token that is unsigned or malformed is refused', async () => {
    const [, payload = ''] = (await word()).split('.')
    const none = `${btoa(JSON.stringify({ alg: 'none' })).replaceAll('=', '')}.${payload}.`
    const secret = new TextEncoder().encode(known)
    const symmetric = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setIssuer(url)
      .setAudience(AUD)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(secret)
    for (const bad of [none, symmetric, 'x', '']) expect((await models(bad)).status).toBe(401)
  })

  test('a bearer token or ticket decides alone, whatever Access adds', async () => {
    const headers = { Authorization: 'Bearer pl_nobody', ...OURS }
    expect((await models(await word(), headers)).status).toBe(401)
  })

  test('no other header than the Access token counts', async () => {
    for (const name of [
      'Cf-Access-Authenticated-User-Email',
      'Cf-Access-Client-Id',
      'Cf-Access-Token',
    ])
      expect(
        (await api('/api/llm/models', { headers: { [name]: 'owner@example.com' } })).status,
      ).toBe(401)
  })

  test('the Access cookie counts where Access adds no header', async () => {
    const by = (Cookie: string, more: Record<string, string> = OURS) =>
      api('/api/llm/models', { headers: { Cookie, ...more } })
    expect((await by(`a=b; CF_Authorization=${await word()}`)).status).toBe(200)
    expect((await by(`CF_Authorization=${await word({ key: unknown })}`)).status).toBe(401)
    expect((await by(`CF_Authorization=${await word()}`, {})).status).toBe(403)
    expect(
      (await by(`CF_Authorization=${await word()}`, { ...OURS, 'Cf-Access-Jwt-Assertion': 'x' }))
        .status,
    ).toBe(401)
    const bench = await api('/api/runs', {
      headers: { Cookie: `CF_Authorization=${await word()}`, Authorization: 'Bearer ticket' },
    })
    expect(bench.status).toBe(401)
  })

  test('an Access token does not prove that a request comes from our page', async () => {
    const assertion = { 'Cf-Access-Jwt-Assertion': await word() }
    expect((await api('/api/runs', post({}, assertion))).status).toBe(403)
    expect((await api('/api/runs', post({}, { ...assertion, ...OURS }))).status).toBe(422)
    expect((await models(await word(), {})).status).toBe(403)
  })

  test('unknown key ids do not make us fetch the team’s keys every time', async () => {
    const asked = async () => Number(await (await fetch(`${url}/asked`)).text())
    await models(await word())
    const before = await asked()
    for (let nth = 0; nth < 10; nth++) await models(await word({ kid: `no-${nth}` }))
    expect((await asked()) - before).toBeLessThanOrEqual(1)
  })

  test('no one gets in while the team’s keys cannot be fetched', async () => {
    const silent = apiWith({ ...TEAM, ACCESS_TEAM_DOMAIN: 'http://127.0.0.1:9' })
    const assertion = await word({ issuer: 'http://127.0.0.1:9' })
    const response = await silent('/api/llm/models', {
      headers: { 'Cf-Access-Jwt-Assertion': assertion, ...OURS },
    })
    expect(response.status).toBe(401)
  })
})

describe('the address of the team’s keys', () => {
  test.each([
    ['its name', 'home', 'https://home.cloudflareaccess.com'],
    ['its domain', 'home.cloudflareaccess.com', 'https://home.cloudflareaccess.com'],
    ['its address', 'https://home.cloudflareaccess.com/', 'https://home.cloudflareaccess.com'],
    ['plain http', 'http://127.0.0.1:1', undefined],
    ['a path', 'https://home.cloudflareaccess.com/x', undefined],
  ])('a deployment fetches the team’s keys from %s', (_what, domain, issuer) => {
    const { accessTeam, hasOwner } = readConfig({
      RUNTIME: 'deployed',
      ACCESS_TEAM_DOMAIN: domain,
      ACCESS_AUD: AUD,
    })
    expect([accessTeam?.issuer, hasOwner]).toEqual([issuer, true])
  })

  test('half of the Access settings open nothing', () => {
    expect(readConfig({ ACCESS_TEAM_DOMAIN: 'home' })).toMatchObject({
      accessTeam: null,
      hasOwner: true,
    })
    expect(readConfig({ ACCESS_AUD: AUD })).toMatchObject({ accessTeam: null, hasOwner: true })
  })
})
