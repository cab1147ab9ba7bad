import { describe, expect, test } from 'vitest'
import { readAddress, type Address } from './address.ts'
import type { Answer, Evidence, Socket } from './evidence.ts'
import { judge } from './judge.ts'

// One test for each rule that was learned from recordings of real tunnels and proxies.

function at(url: string): Address {
  const address = readAddress(url)
  if ('fault' in address) throw new Error(address.fault)
  return address
}

const answered = (
  status: number,
  body = '',
  headers: Record<string, string> = {},
  ms = 20,
): Answer => ({
  kind: 'response',
  status,
  headers: { date: 'now', ...headers },
  body,
  ms,
})
const thrown = (error: 'lost' | 'internal' | 'timeout' | 'other', ms = 20): Answer => ({
  kind: 'thrown',
  error,
  text: error,
  ms,
})

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const VERSION = answered(200, '{"version":"0.12.11"}', JSON_TYPE)
const TAGS = answered(200, '{"models":[{"name":"llama3.2:latest","digest":"a"}]}', JSON_TYPE)

const home = (more: Partial<Evidence>): Evidence => ({
  runtime: 'local',
  address: at('https://home.example'),
  wanted: [],
  ...more,
})
/** Every probe gets this answer. */
const all = (answer: Answer, more: Partial<Evidence> = {}) =>
  judge(home({ version: answer, tags: answer, ...more }))
const named = ({ cause, alternatives }: { cause: string; alternatives: string[] }) => [
  cause,
  ...alternatives,
]

describe('rules learned from recordings', () => {
  test('an empty 403 is Ollama’s own only if an allowed Origin adds the missing CORS header', () => {
    const header = { 'access-control-allow-origin': 'http://localhost' }
    const proof = { withOrigin: answered(403, '', header), withForeignOrigin: answered(403) }
    expect(all(answered(403), proof)).toMatchObject({
      cause: 'host_rejected',
      confidence: 'high',
    })
    expect(all(answered(403), { withOrigin: answered(403) })).toMatchObject({
      cause: 'access_blocked',
      confidence: 'low',
    })
    const unproven = { withOrigin: answered(403, '', header), withForeignOrigin: thrown('timeout') }
    expect(all(answered(403), unproven), 'half a proof').toMatchObject({ confidence: 'low' })
    const reflected = answered(403, '', {
      'access-control-allow-origin': 'https://elsewhere.example',
    })
    const gateway = { withOrigin: answered(403, '', header), withForeignOrigin: reflected }
    expect(all(answered(403), gateway), 'a gateway that reflects every origin').toMatchObject({
      cause: 'access_blocked',
      confidence: 'low',
    })
    const always = all(answered(403, '', header), { withOrigin: answered(403, '', header) })
    expect(always, 'a proxy that adds the header to everything proves nothing').toMatchObject({
      cause: 'access_blocked',
    })
  })

  test('a connection that closes before any request is a tunnel whose far end refuses connections', () => {
    const lost = (socket: Socket) =>
      all(thrown('lost'), { socket, address: at('http://home.example:7000') })
    expect(named(lost('closes'))).toEqual(expect.arrayContaining(['ollama_down', 'tunnel_down']))
    expect(lost('closes').cause).toBe('ollama_down')
    expect(lost('nobody').cause).toBe('connection_failed')
    expect(lost('silent').confidence).toBe('low')
  })

  test.each([502, 503])(
    'a %i from a proxy names both a stopped Ollama and a stopped tunnel',
    (status) => {
      expect(named(all(answered(status, '<h1>no</h1>')))).toEqual(
        expect.arrayContaining(['ollama_down', 'tunnel_down']),
      )
    },
  )

  test('a 502 after a round number of seconds is a timeout of the proxy, not a refused connection', () => {
    expect(all(answered(502, '<h1>Proxy Error</h1>', {}, 2004)).cause).toBe('timed_out')
    expect(all(answered(502, '<h1>Proxy Error</h1>', {}, 12)).cause).toBe('ollama_down')
  })

  test('a DNS failure reported by a proxy is a fault at home, not a wrong address', () => {
    const page = answered(500, '<p>Reason: <strong>DNS lookup failure for: ollama</strong>')
    expect(named(all(page))).not.toContain('dns_failure')
    expect(all(page).cause).toBe('ollama_down')
  })

  test('the frp error page is reported with every cause it may have', () => {
    const { confidence, ...verdict } = all(answered(404, '<p><em>Faithfully yours, frp.</em></p>'))
    expect(confidence).toBe('low')
    expect(named(verdict)).toEqual(
      expect.arrayContaining(['tunnel_down', 'ollama_down', 'tunnel_misrouted']),
    )
  })

  test('a hang is reported as such, because Ollama, home, tunnel and proxy look the same', () => {
    const verdict = all(thrown('timeout', 5000), { socket: 'silent' })
    expect(verdict).toMatchObject({ cause: 'timed_out', confidence: 'low' })
    expect(verdict.alternatives).toEqual(expect.arrayContaining(['tunnel_down', 'ollama_down']))
  })

  test('a cached answer does not prove that the home is up', () => {
    const old = (answer: Answer): Answer => ({
      ...answer,
      ...('headers' in answer && { headers: { ...answer.headers, age: '30' } }),
    })
    const cached = { version: old(VERSION), tags: old(TAGS) }
    expect(judge(home({ ...cached, show: answered(502, 'no') })).status).toBe('fail')
    expect(judge(home({ ...cached, show: answered(200, '{}', JSON_TYPE) }))).toMatchObject({
      status: 'warn',
      cause: 'ok',
    })
  })

  test('a list of models without a version is a home that answers intermittently', () => {
    expect(judge(home({ version: thrown('lost'), tags: TAGS, socket: 'silent' }))).toMatchObject({
      status: 'warn',
    })
  })

  test('a hanging runner is found only by a deep check', () => {
    const ps = answered(
      200,
      '{"models":[{"name":"llama3.2:latest","context_length":4096}]}',
      JSON_TYPE,
    )
    const deep = { model: 'llama3.2:latest', answer: thrown('timeout', 16_000) }
    expect(judge(home({ version: VERSION, tags: TAGS, ps }))).toMatchObject({ cause: 'ok' })
    expect(judge(home({ version: VERSION, tags: TAGS, ps, deep }))).toMatchObject({
      cause: 'generation_stuck',
      rung: 'generate',
    })
  })

  test('a page about Cloudflare errors is not mistaken for an error page of Cloudflare', () => {
    const blog = '<h1>How I fixed Cloudflare Error 1033</h1>'
    expect(all(answered(200, blog)).cause).toBe('not_ollama')
    expect(all(answered(404, blog)).cause).not.toBe('tunnel_down')
  })
})

describe('provider-specific host names', () => {
  test('a closed port at bore.pub means that the bore client has disconnected', () => {
    expect(
      all(thrown('lost'), { socket: 'nobody', address: at('http://bore.pub:4321') }).reason,
    ).toBe('bore_gone')
  })

  test('a Tailscale relay that closes the connection before TLS has no machine behind it', () => {
    const address = at('https://home.tail1234.ts.net')
    const closed = {
      error: 'ECONNRESET',
      isTrusted: false,
      fitsName: false,
      validFrom: '',
      validTo: '',
      seenAt: '',
    }
    expect(all(thrown('internal'), { socket: 'silent', handshake: closed, address }).reason).toBe(
      'funnel_offline',
    )
  })

  test('silence from localtunnel is a stopped Ollama', () => {
    const address = at('https://mine.loca.lt')
    expect(all(thrown('timeout'), { socket: 'silent', address })).toMatchObject({
      reason: 'localtunnel_hangs',
      cause: 'ollama_down',
    })
  })
})

describe('encryption', () => {
  test('a trusted certificate without an answer means that the server requires a client certificate', () => {
    const handshake = {
      error: null,
      isTrusted: true,
      fitsName: true,
      validFrom: '2026-01-01',
      validTo: '2027-01-01',
      seenAt: '2026-06-01',
    }
    expect(
      all(thrown('internal'), { socket: 'silent', secureSocket: 'silent', handshake }).reason,
    ).toBe('client_certificate_wanted')
  })
})

describe('mixed answers', () => {
  test('a version from another server with Ollama’s list of models is never a certain verdict', () => {
    const page = answered(200, '{"version":"0.6.1","deployment_id":"x"}', JSON_TYPE)
    const { confidence, ...verdict } = judge(home({ version: page, tags: TAGS }))
    expect(confidence).toBe('low')
    expect(named(verdict)).toEqual(
      expect.arrayContaining(['split_home', 'access_blocked', 'not_ollama']),
    )
  })

  test('an Ollama that answers once and is then replaced by a page is not a pass', () => {
    const page = answered(200, '<h1>Hello</h1>', { 'content-type': 'text/html' })
    expect(
      judge(home({ version: VERSION, tags: TAGS, again: { version: page, tags: page } })).status,
    ).toBe('warn')
  })
})

describe('unknown failures', () => {
  test('an unknown failure is reported as unknown, with its evidence', () => {
    const verdict = all(thrown('other'), { socket: 'silent' })
    expect(verdict).toMatchObject({
      reason: 'unnamed_silence',
      cause: 'unknown',
      confidence: 'low',
    })
    expect(verdict.evidence.length).toBeGreaterThan(1)
  })
})
