import { connect } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CERTIFICATES } from './certificates.ts'
import { FAULTS, FAULT_NAMES } from './faults.ts'
import type { FaultName } from './faults.ts'
import { startHome } from './home.ts'
import type { Home } from './home.ts'
import { DEMO_MODELS } from './models.ts'
import { parseAnswers, sendRaw } from './raw-client.ts'
import type { RawAnswer } from './raw-client.ts'

const PROMPT = { model: 'llama3.2', prompt: 'Tell me a story about a lighthouse.' }
const TOKENS_BEFORE_FAULT = 8

interface Ask {
  path?: string
  body?: object
  headers?: Record<string, string>
  method?: string
}

function request({
  path = '/api/version',
  body,
  headers = {},
  method = body ? 'POST' : 'GET',
}: Ask): string {
  const text = body ? JSON.stringify(body) : ''
  const all = {
    Host: '127.0.0.1:11434',
    Accept: 'application/json',
    ...headers,
    ...(body ? { 'Content-Length': String(Buffer.byteLength(text)) } : {}),
  }
  return [
    `${method} ${path} HTTP/1.1`,
    ...Object.entries(all).map(([name, value]) => `${name}: ${value}`),
    '',
    text,
  ].join('\r\n')
}

interface Outcome {
  answer: RawAnswer | undefined
  raw: string
  closedBy: 'server' | 'reset' | 'nobody' | 'refused'
}

async function ask(home: Home, what: Ask = {}, withinMs = 1500): Promise<Outcome> {
  const method = what.method ?? (what.body ? 'POST' : 'GET')
  const until = (bytes: Buffer) => parseAnswers(bytes, method, false)[0]?.complete ?? false
  const { bytes, closedBy } = await sendRaw(home.url, request(what), { until, withinMs })
  return {
    answer: parseAnswers(bytes, method, closedBy === 'server')[0],
    raw: bytes.toString('latin1'),
    closedBy,
  }
}

const generate = (home: Home, withinMs?: number) =>
  ask(home, { path: '/api/generate', body: PROMPT }, withinMs)
const header = (answer: RawAnswer | undefined, name: string) =>
  answer?.headers.find(([key]) => key.toLowerCase() === name)?.[1]
const statusOf = ({ answer }: Outcome) => Number(answer?.statusLine.split(' ')[1])
const jsonOf = ({ answer }: Outcome): unknown => JSON.parse(answer?.body ?? '')
const linesOf = ({ answer }: Outcome) => (answer?.body ?? '').split('\n').filter(Boolean)
const hasDone = (outcome: Outcome) => linesOf(outcome).some((line) => line.includes('"done":true'))

/** An answer in place of Ollama's: its status, and something that only this fault contains. */
interface Page {
  status: number
  header?: readonly [string, RegExp]
  body?: RegExp
  path?: string
}

const edgeJson = (code: number): RegExp =>
  new RegExp(`"error_code":${code},.*"cloudflare_error":true`)

const PAGES = {
  cloudflared_offline: { status: 530, body: edgeJson(1033), header: ['retry-after', /^120$/] },
  cloudflared_offline_text: { status: 530, body: /^error code: 1033$/ },
  cloudflared_offline_html: {
    status: 530,
    body: /cf-error-details/,
    header: ['content-type', /html/],
  },
  edge_name_unknown: { status: 530, body: edgeJson(1016) },
  edge_origin_refused: { status: 502, body: /origin_bad_gateway/ },
  edge_530: { status: 530, body: /^$/, header: ['server', /^cloudflare$/] },
  edge_origin_refused_html: { status: 502, body: /errorcode_502/ },
  edge_gateway_timeout: { status: 504, body: edgeJson(504) },
  edge_fault: { status: 500, body: /"error_category":"cloudflare"/ },
  edge_odd_answer: { status: 520, body: edgeJson(520) },
  edge_refused: { status: 521, body: edgeJson(521) },
  edge_connect_timeout: { status: 522, body: edgeJson(522) },
  edge_unreachable: { status: 523, body: edgeJson(523) },
  edge_forbidden_address: { status: 403, body: edgeJson(1000) },
  edge_other_account: { status: 403, body: edgeJson(1014) },
  edge_rule_blocked_html: { status: 403, body: /Error 1020/ },
  ingress_no_rule: { status: 404, body: /^$/, header: ['server', /^cloudflare$/] },
  ingress_none: { status: 503, body: /^$/, header: ['server', /^cloudflare$/] },
  ngrok_link_lost: { status: 502, header: ['ngrok-error-code', /^ERR_NGROK_3210$/] },
  ngrok_origin_not_http: { status: 502, header: ['ngrok-error-code', /^ERR_NGROK_3004$/] },
  ngrok_limit: { status: 429, header: ['ngrok-error-code', /^ERR_NGROK_727$/] },
  ngrok_policy: { status: 403, header: ['ngrok-error-code', /^ERR_NGROK_3205$/] },
  ngrok_unknown_code: { status: 400, header: ['ngrok-error-code', /^ERR_NGROK_9999$/] },
  pinggy_screen: { status: 200, body: /X-Pinggy-No-Screen/ },
  localtunnel_unavailable: { status: 503, body: /Tunnel Unavailable/ },
  zrok_unreachable: { status: 502, body: /<title>zrok - bad gateway!/ },
  access_token_rejected: { status: 302, header: ['www-authenticate', /^Cloudflare-Access/] },
  basic_auth_wrong: { status: 401, header: ['www-authenticate', /^Basic/] },
  login_form: { status: 200, body: /type="password"/ },
  redirect_elsewhere: { status: 308, header: ['location', /^https:\/\/new-home\.example\//] },
  proxy_denies: { status: 403, body: /nginx/ },
  proxy_denies_api: { status: 403, body: /nginx/, path: '/api/tags' },
  proxy_rate_limit: { status: 429, body: /nginx/ },
  proxy_limits_list: { status: 503, body: /nginx/, path: '/api/tags' },
  proxy_body_limit: { status: 413, body: /nginx/, path: '/api/generate' },
  network_login: { status: 511, body: /Network Authentication Required/ },
  traefik_bad_gateway: { status: 502, body: /^Bad Gateway$/ },
  traefik_no_router: {
    status: 404,
    body: /^404 page not found\n$/,
    header: ['x-content-type-options', /^nosniff$/],
  },
  apache_cannot_resolve: { status: 500, body: /DNS lookup failure for: ollama/ },
  welcome_page: { status: 200, body: /Welcome to nginx!/ },
  other_api: { status: 404, body: /^\{"detail":"Not Found"\}$/ },
  other_api_login: { status: 401, body: /Unauthorized/ },
  odd_status: { status: 402, body: /Payment Required/ },
  list_is_a_page: { status: 200, header: ['content-type', /html/], path: '/api/tags' },
  list_without_end: { status: 200, body: /^.{5000000}/, path: '/api/tags' },
  cache: { status: 200, header: ['age', /^30$/] },
  proxy_hides_list: { status: 404, body: /nginx/, path: '/api/tags' },
  proxy_timeout_at_once: { status: 504, body: /nginx/ },
  proxy_internal_error: { status: 500, body: /nginx/ },
  version_from_elsewhere: { status: 404, body: /nginx/ },
  gateway_cannot_reach: { status: 500, body: /ECONNREFUSED/, path: '/api/generate' },
  proxy_loses_generation: { status: 502, body: /nginx/, path: '/api/generate' },
  gateway_refuses_generation: { status: 401, body: /invalid api key/, path: '/api/generate' },
  ancient_version: { status: 404, body: /^404 page not found$/ },
  request_refused: { status: 400, body: /^\{"error":"invalid options/, path: '/api/generate' },
  cannot_do: { status: 400, body: /does not support thinking/, path: '/api/generate' },
  prompt_too_long: { status: 400, body: /exceeds the context length/, path: '/api/generate' },
  cloud_disabled: { status: 403, body: /cloud is disabled/, path: '/api/generate' },
  cloud_sign_in: { status: 401, body: /"signin_url"/, path: '/api/generate' },
  something_new: { status: 500, body: /flux/, path: '/api/generate' },
  stream_is_an_error: { status: 200, body: /^\{"error":/, path: '/api/generate' },
  edge_timeout: { status: 524, body: edgeJson(524) },
  edge_tls_untrusted: { status: 526, body: edgeJson(526) },
  edge_tls_handshake: { status: 525, body: edgeJson(525) },
  edge_ip_literal: { status: 403, body: edgeJson(1003) },
  edge_agent_banned: { status: 403, body: edgeJson(1010) },
  edge_rate_limited: { status: 429, body: edgeJson(1015), header: ['retry-after', /^30$/] },
  edge_rule_blocked: { status: 403, body: edgeJson(1020) },
  edge_challenge: { status: 403, header: ['cf-mitigated', /^challenge$/] },
  ngrok_offline: { status: 404, header: ['ngrok-error-code', /^ERR_NGROK_3200$/] },
  ngrok_origin_refused: { status: 502, header: ['ngrok-error-code', /^ERR_NGROK_8012$/] },
  ngrok_interstitial: { status: 200, header: ['ngrok-error-code', /^ERR_NGROK_6024$/] },
  localtunnel_offline: { status: 404, body: /^404$/ },
  frp_not_found: { status: 404, body: /Faithfully yours, frp/ },
  zrok_offline: { status: 404, body: /<title>zrok - '.*' not found!/ },
  access_login: {
    status: 302,
    header: ['www-authenticate', /^Cloudflare-Access resource_metadata=/],
  },
  access_forbidden: { status: 403, header: ['cf-access-domain', /./] },
  basic_auth: { status: 401, header: ['www-authenticate', /^Basic realm="Home lab"$/] },
  sso_redirect: { status: 302, header: ['location', /^https:\/\/login\.example\//] },
  nginx_bad_gateway: { status: 502, header: ['content-length', /^157$/] },
  caddy_bad_gateway: { status: 502, header: ['server', /^Caddy$/], body: /^$/ },
  haproxy_no_server: { status: 503, header: ['content-length', /^107$/] },
  apache_unavailable: { status: 503, header: ['server', /^Apache/] },
  proxy_gateway_timeout: { status: 504, header: ['content-length', /^167$/] },
  proxy_forbidden: { status: 403, body: /^$/ },
  https_redirect: {
    status: 301,
    header: ['location', /^https:\/\/127\.0\.0\.1:11434\/api\/version$/],
  },
  plain_to_tls_port: { status: 400, header: ['content-length', /^255$/] },
  other_website: { status: 200, body: /family photos/, path: '/any/path' },
  open_webui: { status: 200, body: /"deployment_id"/ },
  llama_cpp: { status: 404, body: /^\{"error":\{"code":404/ },
  empty_ok: { status: 200, body: /^$/, header: ['server', /^Caddy$/] },
  stream_html: { status: 200, header: ['content-type', /html/], path: '/api/generate' },
  cold_load_524: { status: 524, body: edgeJson(524), path: '/api/generate' },
  queue_full: {
    status: 503,
    body: /"server busy, please try again\. {2}maximum pending requests exceeded"/,
    path: '/api/generate',
  },
  load_failed: {
    status: 500,
    body: /"llama runner process has terminated: exit status 2"/,
    path: '/api/generate',
  },
  out_of_memory: {
    status: 500,
    body: /"model requires more system memory \(.*\) than is available \(.*\)"/,
    path: '/api/generate',
  },
  ollama_error: { status: 500, body: /^\{"error":"/, path: '/api/tags' },
  no_models: { status: 200, body: /^\{"models":\[\]\}$/, path: '/api/tags' },
  old_version: { status: 200, body: /^\{"version":"0\.1\.20"\}$/ },
} as const satisfies Partial<Record<FaultName, Page>>

/** A busy machine needs some time for a list of 5 MB. */
const PAGE_WITHIN_MS = 15_000

async function expectPage(home: Home, page: Page): Promise<void> {
  const outcome =
    page.path === '/api/generate'
      ? await generate(home)
      : await ask(home, { path: page.path }, PAGE_WITHIN_MS)
  expect(statusOf(outcome)).toBe(page.status)
  expect(outcome.answer?.complete).toBe(true)
  if (page.header) expect(header(outcome.answer, page.header[0])).toMatch(page.header[1])
  if (page.body) expect(outcome.answer?.body).toMatch(page.body)
}

type Proof = (home: Home) => Promise<unknown>

async function expectBrokenStream(
  home: Home,
  closedBy: Outcome['closedBy'],
  complete: boolean,
  extraLines = 0,
): Promise<string[]> {
  const outcome = await generate(home, 800)
  expect(statusOf(outcome)).toBe(200)
  expect({
    closedBy: outcome.closedBy,
    complete: outcome.answer?.complete,
    done: hasDone(outcome),
  }).toEqual({
    closedBy,
    complete,
    done: false,
  })
  expect(linesOf(outcome)).toHaveLength(TOKENS_BEFORE_FAULT + extraLines)
  return linesOf(outcome)
}

/** Every second answer is not Ollama's. */
async function expectTurns(home: Home, status: number): Promise<void> {
  const answers = [await ask(home), await ask(home), await ask(home)]
  expect(answers.map(statusOf)).toEqual([200, status, 200])
}

/** The result of a TLS handshake by Node's own client. */
async function greet(home: Home): Promise<string> {
  const { OLLAMA_URL = '' } = home.settings()
  const { hostname, port } = new URL(OLLAMA_URL)
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      servername: 'localhost',
      ca: Object.values(CERTIFICATES),
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once('secureConnect', () => resolve('secure'))
    socket.once('close', () => resolve('closed'))
  })
}

const greeted = (code: RegExp) => async (home: Home) => expect(await greet(home)).toMatch(code)

/** A fault without a proof here, in the table of pages, or by its settings does not compile. */
const PROOFS = {
  refused_elsewhere: async (home) => expect((await ask(home)).closedBy).toBe('refused'),
  tls_expired: greeted(/^CERT_HAS_EXPIRED$/),
  tls_not_yet_valid: greeted(/^CERT_NOT_YET_VALID$/),
  tls_wrong_name: greeted(/^ERR_TLS_CERT_ALTNAME_INVALID$/),
  tls_self_signed: greeted(/^secure$/),
  tls_client_certificate: greeted(/^secure$/),
  tls_old_protocol: greeted(/PROTOCOL/),
  tls_hangs_up: greeted(/^ECONNRESET$/),
  half_down: (home) => expectTurns(home, 502),
  host_check_sometimes: (home) => expectTurns(home, 403),
  cache_hides_down: async (home) => {
    expect(header((await ask(home)).answer, 'age')).toBe('30')
    expect(statusOf(await generate(home))).toBe(502)
  },
  origin_added: async (home) => {
    expect(statusOf(await ask(home))).toBe(403)
    expect(statusOf(await ask(home, { headers: { Origin: 'http://localhost' } }))).toBe(200)
  },
  list_cut: async (home) => {
    expect((await ask(home, { path: '/api/tags' }, 200)).closedBy).toBe('reset')
    expect(statusOf(await ask(home))).toBe(200)
  },
  list_grows: async (home) => {
    const lists = [
      await ask(home, { path: '/api/tags' }),
      await ask(home, { path: '/api/tags' }),
    ].map(jsonOf)
    const counts = lists.map((list) => (list as { models: unknown[] }).models.length)
    expect(counts[0]).toBe((counts[1] ?? 0) + 1)
  },
  list_hangs: async (home) => {
    expect((await ask(home, { path: '/api/tags' }, 200)).raw).toBe('')
    expect(statusOf(await ask(home))).toBe(200)
  },
  refused: async (home) => expect((await ask(home)).closedBy).toBe('refused'),
  reset: async (home) => expect((await ask(home)).closedBy).toBe('reset'),
  hang: async (home) => {
    const { raw, closedBy } = await ask(home, {}, 300)
    expect({ raw, closedBy }).toEqual({ raw: '', closedBy: 'nobody' })
  },
  closed_at_once: async (home) => {
    const { bytes, closedBy } = await sendRaw(home.url, '')
    expect({ length: bytes.length, closedBy }).toEqual({ length: 0, closedBy: 'server' })
  },
  not_http: async (home) => expect((await ask(home, {}, 200)).raw).toMatch(/^SSH-2\.0-/),
  blinks: async (home) => {
    const { bytes, closedBy } = await sendRaw(home.url, request({}) + request({}))
    expect(parseAnswers(bytes, 'GET', true)).toHaveLength(1)
    expect(closedBy).not.toBe('nobody')
  },
  host_check: async (home) => {
    const refused = await ask(home)
    const proof = await ask(home, { headers: { Origin: 'http://localhost' } })
    const preflight = await ask(home, {
      method: 'OPTIONS',
      headers: { Origin: 'http://localhost', 'Access-Control-Request-Method': 'GET' },
    })
    expect([refused, proof, preflight].map(statusOf)).toEqual([403, 403, 204])
    expect(refused.answer?.headers.map(([name]) => name)).toEqual(['Date', 'Content-Length'])
    expect(header(proof.answer, 'access-control-allow-origin')).toBe('http://localhost')
  },
  model_removed: async (home) => {
    expect((await ask(home, { path: '/api/tags' })).answer?.body).toContain('"llama3.2:latest"')
    const asked = [ask(home, { path: '/api/show', body: { model: 'llama3.2' } }), generate(home)]
    for (const outcome of await Promise.all(asked)) {
      expect(statusOf(outcome)).toBe(404)
      expect(jsonOf(outcome)).toEqual({ error: "model 'llama3.2' not found" })
    }
  },
  generation_dropped: async (home) => {
    expect((await generate(home, 200)).closedBy).toBe('reset')
    expect(statusOf(await ask(home))).toBe(200)
  },
  generation_hangs: async (home) => {
    expect((await generate(home, 200)).raw).toBe('')
    expect(statusOf(await ask(home, { path: '/api/ps' }))).toBe(200)
  },
  split_home: async (home) => {
    const versions = [await ask(home), await ask(home), await ask(home)].map(jsonOf)
    expect(versions[0]).toEqual(versions[2])
    expect(versions[0]).not.toEqual(versions[1])
  },
  slow: async (home) => {
    const from = performance.now()
    expect(statusOf(await ask(home, {}, 4500))).toBe(200)
    expect(performance.now() - from).toBeGreaterThan(2900)
  },
  stream_cut: (home) => expectBrokenStream(home, 'server', false),
  stream_reset: (home) => expectBrokenStream(home, 'reset', false),
  stream_ends_early: (home) => expectBrokenStream(home, 'nobody', true),
  stream_stalls: (home) => expectBrokenStream(home, 'nobody', false),
  stream_error_line: async (home) => {
    const lines = await expectBrokenStream(home, 'nobody', true, 1)
    expect(lines.at(-1)).toBe(
      '{"error":"an error was encountered while running the model: unexpected EOF"}',
    )
  },
  stream_garbage_line: async (home) => {
    const outcome = await generate(home)
    expect(() => JSON.parse(linesOf(outcome)[TOKENS_BEFORE_FAULT] ?? '') as unknown).toThrow()
    expect(hasDone(outcome)).toBe(true)
  },
  stream_split_bytes: async (home) => {
    const outcome = await generate(home)
    expect(outcome.answer?.chunks?.every((chunk) => chunk.length === 1)).toBe(true)
    expect(hasDone(outcome)).toBe(true)
  },
} as const satisfies Record<Exclude<FaultName, keyof typeof PAGES | SettingFault>, Proof>

/** The home is healthy under these faults: they only change the settings of a server. */
type SettingFault = {
  [Name in FaultName]: (typeof FAULTS)[Name]['kind'] extends 'settings' ? Name : never
}[FaultName]

async function expectSettings(home: Home): Promise<void> {
  expect(statusOf(await ask(home))).toBe(200)
  expect(home.settings()).not.toEqual({ OLLAMA_URL: home.url })
}

function proofOf(name: FaultName): Proof {
  if (name in PROOFS) return PROOFS[name as keyof typeof PROOFS]
  return name in PAGES
    ? (home) => expectPage(home, PAGES[name as keyof typeof PAGES])
    : expectSettings
}

let home: Home
beforeAll(async () => {
  home = await startHome({ loadMs: 1, tokensPerSecond: 5000 })
})
beforeEach(() => home.reset())
afterAll(() => home.stop())

describe('effects of faults', () => {
  test.each(FAULT_NAMES.map((name) => ({ name, title: FAULTS[name].title })))(
    'the fault $name does what its title says: $title',
    async ({ name }) => {
      await home.setFault(name)
      await proofOf(name)(home)
    },
  )
})

describe('ends of faults', () => {
  test.each(FAULT_NAMES)('the home is healthy again after the fault %s', async (name) => {
    await home.setFault(name)
    await ask(home, {}, 50)
    await home.setFault(null)
    expect(jsonOf(await ask(home))).toEqual({ version: '0.12.11' })
    expect((await ask(home, { path: '/api/tags' })).answer?.body).toContain(DEMO_MODELS[0].name)
  })
})
