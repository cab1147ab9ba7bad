import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FaultName } from '../../simulator/faults.ts'
import type { Health } from '../../src/lib/contract/health.ts'
import type { LlmStatus } from '../../src/lib/contract/llm.ts'
import type { ReasonName } from '../../src/lib/diagnosis/index.ts'
import { apiWith, homeUrl, reset, setFault } from './home.ts'

/** What a check must say of each fault of the simulator. `null`: only a request for text can see it, so the check passes. */
const TOLD = {
  cloudflared_offline: 'cloudflared_not_connected',
  cloudflared_offline_text: 'cloudflared_not_connected',
  cloudflared_offline_html: 'cloudflared_not_connected',
  edge_name_unknown: 'name_not_found',
  edge_origin_refused: 'origin_refused',
  edge_timeout: 'proxy_waited',
  edge_tls_untrusted: 'certificate_rejected',
  edge_tls_handshake: 'tls_handshake',
  edge_ip_literal: 'address_literal_refused',
  edge_agent_banned: 'rule_blocked',
  edge_rate_limited: 'rate_limited',
  edge_rule_blocked: 'rule_blocked',
  edge_challenge: 'challenge',
  ngrok_offline: 'ngrok_offline',
  ngrok_origin_refused: 'origin_refused',
  ngrok_interstitial: 'interstitial',
  localtunnel_offline: 'localtunnel_offline',
  frp_not_found: 'frp_not_found',
  zrok_offline: 'zrok_offline',
  access_login: 'access_login',
  access_forbidden: 'access_forbidden',
  basic_auth: 'password_wanted',
  sso_redirect: 'login_redirect',
  nginx_bad_gateway: 'proxy_bad_gateway',
  caddy_bad_gateway: 'proxy_bad_gateway',
  haproxy_no_server: 'proxy_bad_gateway',
  apache_unavailable: 'proxy_bad_gateway',
  proxy_gateway_timeout: 'proxy_waited',
  proxy_forbidden: 'empty_refusal',
  https_redirect: 'wants_https',
  plain_to_tls_port: 'plain_to_tls',
  other_website: 'other_service',
  open_webui: 'open_webui',
  llama_cpp: 'other_service',
  empty_ok: 'other_service',
  refused: 'nothing_listens_here',
  reset: 'connection_dropped',
  hang: 'no_answer',
  closed_at_once: 'far_end_refuses',
  not_http: 'not_http',
  host_check: 'host_check',
  no_models: 'no_models',
  ollama_error: 'error_answer',
  split_home: 'answers_differ',
  blinks: null,
  slow: 'slow',
  old_version: null,
  model_removed: null,
  queue_full: null,
  load_failed: null,
  out_of_memory: null,
  generation_hangs: null,
  stream_cut: null,
  stream_reset: null,
  stream_ends_early: null,
  stream_error_line: null,
  stream_stalls: null,
  stream_html: null,
  stream_garbage_line: null,
  stream_split_bytes: null,
  cold_load_524: null,
} as const satisfies Record<FaultName, ReasonName | null>

beforeEach(reset)
afterEach(reset)

describe('every fault of a home has its name', () => {
  const api = apiWith({ OLLAMA_URL: homeUrl })

  test.each(Object.entries(TOLD) as [FaultName, ReasonName | null][])('%s is told as %s', async (fault, reason) => {
    await setFault(fault)
    const startedAt = Date.now()
    const response = await api('/api/health?fresh=1')
    const health = await response.json<Health>()
    expect(health.reason).toBe(reason ?? 'all_lit')
    expect(response.status).toBe(health.status === 'fail' ? 503 : 200)
    expect(health.status === 'fail').toBe(reason !== null && reason !== 'slow')
    expect(Date.now() - startedAt).toBeLessThan(8500)
    const status = await (await api('/api/llm/status')).json<LlmStatus>()
    // An Ollama without models is up all the same.
    expect(status.status).toBe(health.cause === 'ok' || reason === 'no_models' ? 'online' : 'offline')
  })
})

describe('a healthy home that closes kept connections', () => {
  test('is never told as broken, however often it is asked', async () => {
    await setFault('blinks')
    const api = apiWith({ OLLAMA_URL: homeUrl })
    for (let round = 0; round < 6; round++) {
      expect((await api('/api/health?fresh=1')).status).toBe(200)
      expect((await api('/api/llm/models')).status).toBe(200)
    }
  })
})

describe('addresses that no simulator can be at', () => {
  test.each([
    ['http://no-such-name.invalid', 'dns_failure'],
    ['http://ollama:11434', 'dns_failure'],
    [homeUrl.replace('http:', 'https:'), 'tls_failure'],
  ])('%s: %s', async (url, cause) => {
    const { cause: told } = await (await apiWith({ OLLAMA_URL: url })('/api/health?code=200')).json<Health>()
    expect(told).toBe(cause)
  })

  test.each([
    ['', 'url_missing'],
    ['"http://127.0.0.1:11434"', 'url_quoted'],
    ['127.0.0.1:11434', 'url_without_scheme'],
    ['http://127.0.0.1:11434/v1', 'url_with_path'],
    ['http://me:secret@127.0.0.1:11434', 'url_with_credentials'],
    ['gopher://127.0.0.1', 'url_unknown_scheme'],
  ])('OLLAMA_URL=%s crashes nothing and is named', async (url, reason) => {
    const api = apiWith({ OLLAMA_URL: url })
    const health = await (await api('/api/health?code=200')).json<Health>()
    expect(health).toMatchObject({ cause: 'not_configured', reason, rung: 'config' })
    expect(health.summary).toContain('OLLAMA_URL')
    expect(health.fix.length).toBeGreaterThan(0)
    expect(await (await api('/api/llm/status')).json()).toMatchObject({ status: 'offline', cause: 'not_configured' })
    const models = await api('/api/llm/models')
    expect([models.status, (await models.json<{ code: string }>()).code]).toEqual([503, 'home'])
    expect(JSON.stringify(health)).not.toContain('secret')
  })
})
