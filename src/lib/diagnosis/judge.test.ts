import { describe, expect, test } from 'vitest'
import { readAddress, type Address } from './address.ts'
import { CAUSES } from './causes.ts'
import type { Answer, Evidence } from './evidence.ts'
import { judge, judgeConfiguration } from './judge.ts'
import { judgeGenerationError } from './generation-errors.ts'
import { REASONS, type Reason } from './reasons/index.ts'

function at(url: string): Address {
  const address = readAddress(url)
  if ('fault' in address) throw new Error(address.fault)
  return address
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8', date: 'now' }
const answer = (
  status: number,
  body: string,
  headers: Record<string, string> = JSON_TYPE,
  ms = 20,
): Answer => ({
  kind: 'response',
  status,
  headers,
  body,
  ms,
})
const version = (text = '0.12.11') => answer(200, JSON.stringify({ version: text }))
const tags = (...names: string[]) =>
  answer(200, JSON.stringify({ models: names.map((name) => ({ name, digest: name })) }))
const healthy: Evidence = {
  runtime: 'local',
  address: at('http://127.0.0.1:11434'),
  wanted: [],
  version: version(),
  tags: tags('llama3.2:latest'),
  ps: tags(),
}

const silent = (error: 'timeout' | 'internal' | 'lost' | 'other') => {
  const answer = { kind: 'thrown', error, text: `it was ${error}`, ms: 9 } as const
  return { version: answer, tags: answer }
}

describe('verdicts', () => {
  test('a healthy home passes every rung', () => {
    const { status, cause, ladder } = judge(healthy)
    expect([status, cause]).toEqual(['pass', 'ok'])
    expect(ladder.map(({ result }) => result)).toEqual(Array(7).fill('pass'))
  })

  test('a cold model is a pass with its own reason', () => {
    const { status, cause, reason, summary } = judge({ ...healthy, wanted: ['llama3.2'] })
    expect([status, cause, reason]).toEqual(['pass', 'ok', 'model_cold'])
    expect(summary).toContain('llama3.2')
  })

  test('a missing list of loaded models is no evidence about the model', () => {
    const { reason } = judge({
      ...healthy,
      wanted: ['llama3.2'],
      ps: { kind: 'thrown', error: 'timeout', text: '', ms: 2000 },
    })
    expect(reason).toBe('all_lit')
  })

  test('a slow home is a warning, not a fault', () => {
    const { status, cause, reason, ladder } = judge({
      ...healthy,
      version: { ...version(), ms: 3400 },
    })
    expect([status, cause, reason]).toEqual(['warn', 'ok', 'slow'])
    expect(ladder.filter(({ result }) => result !== 'pass').map(({ rung }) => rung)).toEqual([
      'ollama',
    ])
  })

  test('a check fails if the first wanted model is missing, and warns if another one is', () => {
    expect(judge({ ...healthy, wanted: ['qwen3:8b', 'llama3.2'] })).toMatchObject({
      status: 'fail',
      cause: 'model_missing',
    })
    expect(judge({ ...healthy, wanted: ['llama3.2', 'qwen3:8b'] })).toMatchObject({
      status: 'warn',
      cause: 'model_missing',
    })
  })

  test('a cloud model without an entry in the list is not reported as missing', () => {
    expect(judge({ ...healthy, wanted: ['gpt-oss:120b-cloud'] }).cause).toBe('ok')
  })

  test('an Ollama without any model is reported as such', () => {
    expect(judge({ ...healthy, tags: answer(200, '{"models":null}') })).toMatchObject({
      status: 'fail',
      reason: 'no_models',
    })
  })

  test('two servers that answer alternately are detected by version and by models', () => {
    const again = { version: version('0.9.6'), tags: tags('llama3.2:latest') }
    expect(judge({ ...healthy, again }).cause).toBe('split_home')
    const other = tags('mistral:latest', 'phi4:latest')
    const inTurn = { again: { version: version(), tags: other }, third: tags('llama3.2:latest') }
    expect(judge({ ...healthy, ...inTurn })).toMatchObject({
      cause: 'split_home',
      confidence: 'high',
    })
    const keptConnection = { ...inTurn, third: other }
    expect(judge({ ...healthy, ...keptConnection })).toMatchObject({
      cause: 'split_home',
      confidence: 'high',
    })
    expect(
      judge({ ...healthy, again: { version: version(), tags: tags('llama3.2:latest') } }).cause,
    ).toBe('ok')
  })

  test('one model that appears and disappears gives an uncertain verdict, because the owner may be changing models', () => {
    const fewer = { again: { version: version(), tags: tags('a') }, third: tags('a', 'b') }
    expect(judge({ ...healthy, tags: tags('a', 'b'), ...fewer })).toMatchObject({
      cause: 'split_home',
      confidence: 'low',
    })
  })

  test('different servers at ::1 and 127.0.0.1 are reported as two servers at localhost', () => {
    const twin = { version: version('0.9.6'), tags: tags('mistral:latest') }
    expect(judge({ ...healthy, address: at('http://localhost:11434'), twin })).toMatchObject({
      cause: 'split_home',
      reason: 'two_at_localhost',
    })
  })

  test('an Ollama that listens only at ::1 is found although 127.0.0.1 refuses connections', () => {
    const refused = { ...silent('lost'), socket: 'nobody', twin: { version: version() } } as const
    expect(judge({ ...healthy, ...refused, address: at('http://localhost:11434') }).reason).toBe(
      'other_loopback',
    )
  })

  test('a model that was pulled again has another digest, and is not a second server', () => {
    const pulledAgain = answer(
      200,
      JSON.stringify({ models: [{ name: 'llama3.2:latest', digest: 'new' }] }),
    )
    expect(
      judge({ ...healthy, again: { version: version(), tags: pulledAgain }, third: pulledAgain })
        .cause,
    ).toBe('ok')
  })

  test('a model that was pulled between two lists is not a second server', () => {
    const grown = tags('llama3.2:latest', 'mistral:latest')
    expect(
      judge({ ...healthy, again: { version: version(), tags: grown }, third: grown }).cause,
    ).toBe('ok')
    expect(judge({ ...healthy, again: { version: version(), tags: grown } }).cause).toBe('ok')
  })

  test('a failed second answer does not contradict the first', () => {
    const failed: Answer = { kind: 'thrown', error: 'timeout', text: '', ms: 2000 }
    expect(judge({ ...healthy, again: { version: version(), tags: failed } }).cause).toBe('ok')
    expect(judge({ ...healthy, again: { version: failed, tags: failed } }).cause).not.toBe(
      'split_home',
    )
  })

  test.each([
    ['http://localhost:11434', 'loopback_from_edge'],
    ['http://192.168.1.5:11434', 'private_from_edge'],
    ['http://100.64.0.9', 'private_from_edge'],
    ['http://ollama:11434', 'home_name_from_edge'],
    ['https://host.docker.internal', 'home_name_from_edge'],
    ['http://home.example', 'plain_http_deployed'],
  ])('a deployed Porchlight rejects the address %s with the reason %s', (url, reason) => {
    const verdict = judge({ runtime: 'deployed', address: at(url), wanted: [] })
    expect(verdict).toMatchObject({ reason, rung: 'config', status: 'fail' })
    expect(verdict.ladder.slice(1).every(({ result }) => result === 'skipped')).toBe(true)
  })

  test('a resolver that cannot be reached is no evidence of a DNS failure', () => {
    const unresolved: Evidence = {
      ...healthy,
      ...silent('timeout'),
      address: at('https://home.example'),
      resolution: null,
    }
    expect(judge(unresolved).cause).toBe('timed_out')
    const internal = judge({ ...unresolved, ...silent('internal'), socket: 'nobody' })
    expect(internal).toMatchObject({ cause: 'observer_blind', confidence: 'low' })
    expect(internal.alternatives).toContain('dns_failure')
  })

  test('a name that the resolver does not know is certainly a DNS failure', () => {
    const gone: Evidence = {
      ...healthy,
      address: at('https://gone.example'),
      ...silent('internal'),
    }
    expect(judge({ ...gone, resolution: { status: 3, addresses: [] } })).toMatchObject({
      cause: 'dns_failure',
      confidence: 'high',
    })
    const found = { status: 0, addresses: ['192.0.2.1'] }
    expect(judge({ ...gone, resolution: found, socket: 'silent' }).cause).toBe('tls_failure')
  })

  test('a stopped tunnel is not reported as a stopped Ollama', () => {
    const edge = (code: number, status: number) =>
      answer(status, JSON.stringify({ cloudflare_error: true, error_code: code }), {
        'content-type': 'application/problem+json',
        server: 'cloudflare',
      })
    const verdictFor = (answer: Answer) =>
      judge({ ...healthy, address: at('https://home.example'), version: answer, tags: answer })
    expect(verdictFor(edge(1033, 530))).toMatchObject({ cause: 'tunnel_down', confidence: 'high' })
    expect(verdictFor(edge(502, 502)).cause).toBe('ollama_down')
    expect(verdictFor(edge(1016, 530)).cause).toBe('dns_failure')
  })

  test('a 503 means busy only with Ollama’s own JSON', () => {
    const busy = answer(
      503,
      '{"error":"server busy, please try again.  maximum pending requests exceeded"}',
    )
    expect(judge({ ...healthy, tags: busy }).cause).toBe('ollama_busy')
    const page = answer(503, '<h1>503</h1>', { 'content-type': 'text/html' })
    expect(judge({ ...healthy, version: page, tags: page }).cause).toBe('ollama_down')
    const gateway = answer(503, '{"error":"upstream unavailable"}')
    expect(judge({ ...healthy, version: gateway, tags: gateway }).cause).not.toBe('ollama_busy')
  })

  test('every rung below a failed rung is skipped', () => {
    const refusal = answer(403, '', { date: 'now' })
    const verdict = judge({ ...healthy, version: refusal, tags: refusal })
    const failed = verdict.ladder.findIndex(({ result }) => result === 'fail')
    expect(verdict.ladder.slice(failed + 1).every(({ result }) => result === 'skipped')).toBe(true)
  })

  test('a verdict contains all its evidence, with shortened bodies', () => {
    const { evidence } = judge({
      ...healthy,
      version: answer(418, 'x'.repeat(5000)),
      socket: 'silent',
      resolution: null,
    })
    expect(evidence.map(({ asked, seen }) => [asked, seen])).toEqual([
      ['GET /api/version', 'HTTP 418'],
      ['GET /api/tags', 'HTTP 200'],
      ['GET /api/ps', 'HTTP 200'],
      ['a bare connection, listening', 'opens and stays silent'],
      ['the resolver', 'could not be reached'],
    ])
    expect(evidence[0]?.body?.length).toBe(600)
  })

  test('a hostile model name cannot add a second command to a fix', () => {
    const { fix } = judge({ ...healthy, wanted: ["x'; rm -rf ~"] })
    expect(fix[0]?.command).toBe(`ollama pull 'x'\\''; rm -rf ~'`)
  })

  test('no placeholder is left in any sentence or command', () => {
    for (const fault of ['url_missing', 'url_with_credentials', 'owner_key_missing'] as const) {
      expect(JSON.stringify(judgeConfiguration(fault, 'deployed'))).not.toMatch(/\{\w+\}/)
    }
    expect(JSON.stringify(judge({ ...healthy, version: answer(502, '') }).fix)).not.toMatch(
      /\{\w+\}/,
    )
  })
})

describe('refused generations', () => {
  const judged = (refusal: Answer, installed: string[] = []) =>
    judgeGenerationError(healthy, refusal, 'qwen3:8b', installed)

  test.each([
    [404, `model 'qwen3:8b' not found`, 'model_not_installed'],
    [404, `model "qwen3:8b" not found, try pulling it first`, 'model_not_installed'],
    [503, 'server busy, please try again.  maximum pending requests exceeded', 'queue_full'],
    [
      500,
      'model requires more system memory (9.1 GiB) than is available (3.2 GiB)',
      'out_of_memory',
    ],
    [500, 'llama-server process has terminated: cudaMalloc failed: out of memory', 'out_of_memory'],
    [500, 'llama runner process has terminated: exit status 2', 'load_failed'],
    [500, 'timed out waiting for llama runner to start - progress 0.41', 'load_failed'],
    [400, '"qwen3:8b" does not support thinking', 'cannot_do'],
    [
      500,
      'failed to process inputs: this model is missing data required for image input',
      'cannot_do',
    ],
    [400, 'the input length exceeds the context length', 'prompt_too_long'],
    [400, 'input exceeds maximum context length', 'prompt_too_long'],
    [400, 'request (302 tokens) exceeds the available context size', 'prompt_too_long'],
    [400, 'invalid options: foo', 'request_refused'],
    [401, 'invalid api key', 'refused_by_gateway'],
    [403, 'key expired', 'refused_by_gateway'],
    [429, 'slow down', 'rate_limited'],
    [500, 'something new', 'error_answer'],
    [500, 'Internal Server Error', 'gateway_error'],
    [500, 'dial tcp 127.0.0.1:11434: connect: connection refused', 'gateway_error'],
    [
      500,
      'do load request: Post "http://127.0.0.1:4021/load": dial tcp 127.0.0.1:4021: connect: connection refused',
      'load_failed',
    ],
    [500, 'proxy worker: out of memory', 'gateway_error'],
    [502, 'timed out waiting for upstream', 'gateway_error'],
    [403, 'Request blocked by Cloudflare WAF rule 1020', 'refused_by_gateway'],
    [405, 'This endpoint does not support POST', 'refused_by_gateway'],
    [400, 'Bad Request', 'refused_by_gateway'],
    [422, 'unprocessable', 'refused_by_gateway'],
    [403, 'ollama cloud is disabled: remote inference is unavailable', 'cloud_disabled'],
  ])('a run refused with %i "%s" has the reason %s', (status, error, reason) => {
    expect(judged(answer(status, JSON.stringify({ error }))).reason).toBe(reason)
  })

  test('only a sign-in URL at ollama.com is reported as a sign-in at Ollama', () => {
    const asksFor = (url: string) =>
      judged(answer(401, JSON.stringify({ error: 'unauthorized', signin_url: url }))).reason
    expect(asksFor('https://ollama.com/connect?name=home&key=x')).toBe('cloud_sign_in')
    expect(asksFor('https://sso.example.com/login')).toBe('refused_by_gateway')
  })

  test('an error that is JSON inside a string is unwrapped for the owner', () => {
    const nested = JSON.stringify({
      error: JSON.stringify({
        error: { code: 400, message: 'request (302 tokens) exceeds the available context size' },
      }),
    })
    expect(judged(answer(400, nested)).facts.error).toBe(
      'request (302 tokens) exceeds the available context size',
    )
  })

  test('a 524 during a cold load is reported as a silence that was too long', () => {
    expect(judged(answer(524, 'error code: 524', { server: 'cloudflare' })).reason).toBe(
      'silent_too_long',
    )
  })
})

describe('table of reasons', () => {
  test.each(Object.entries(REASONS) as [string, Reason][])(
    'the reason %s has a sentence, a known cause, and a fix unless the cause is ok',
    (_name, row) => {
      expect(row.summary).toMatch(/[.}]$/)
      expect(CAUSES[row.cause]).toBeDefined()
      if (row.cause !== 'ok') expect(row.fix.length).toBeGreaterThan(0)
      expect(row.or ?? []).not.toContain(row.cause)
    },
  )
})
