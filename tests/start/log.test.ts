import { expect, test } from 'vitest'
import { startHome } from '../../simulator/home.ts'
import { DEMO_MODELS } from '../../simulator/models.ts'
import { serve } from '../support/serve.ts'

const [LLAMA] = DEMO_MODELS
/** Words that appear nowhere else. */
const CANARIES = {
  prompt: 'kanarip',
  system: 'canarysystem',
  thinking: 'canarythinking',
  model: 'canarymodel',
  token: 'canarytoken',
  cookie: 'canarycookie',
  query: 'canaryquery',
  path: 'canarypath',
  credential: 'canarycredential',
  tool: 'canarytool',
  share: 'canaryshare',
} as const

const { model } = CANARIES
const ANONYMOUS = { Authorization: '', Cookie: '' }
const messages = [
  { role: 'system', content: CANARIES.system },
  { role: 'user', content: `${CANARIES.prompt} please` },
]

test(
  'no log contains any part of a prompt, an answer, a token, a secret or an address',
  { timeout: 90_000 },
  async () => {
    const { home, server } = await startBoth()
    const ask = askAt(server.url)
    try {
      await sendEveryCanary(ask)
      await fetch(`${server.url}/s/${CANARIES.share}?${CANARIES.query}`)
      const secrets = await guestsAndTokens(ask, ANONYMOUS)
      for (const fault of [
        'stream_ends_early',
        'stream_error_line',
        'cloudflared_offline',
      ] as const) {
        await home.setFault(fault)
        await ask('/v1/chat/completions', { model, messages, stream: true })
        await ask('/v1/chat/completions', { model, messages })
      }
      await ask('/api/health?fresh=1', undefined, ANONYMOUS)
      const output = server.said()
      expect(output.split('\n').filter((line) => line.includes('"route"')).length).toBeGreaterThan(
        15,
      )
      expect(output).toMatch(
        /"route":"POST \/v1\/chat\/completions","status":200,"ms":\d+,"who":"owner"/,
      )
      // The line before it serves shows the address to the user who has just set it.
      const logged = output
        .split('\n')
        .filter((line) => !line.startsWith('Home: '))
        .join('\n')
      expect(logged).toMatch(/"who":"share:[a-z2-7]{10}"/)
      expect(logged).toMatch(/"who":"token:\w{8}"/)
      for (const canary of [...Object.values(CANARIES), ...secrets, new URL(home.url).host])
        expect(logged).not.toContain(canary)
    } finally {
      await server.stop()
      await home.stop()
    }
  },
)

async function startBoth() {
  const home = await startHome({
    models: [
      ...DEMO_MODELS,
      {
        ...LLAMA,
        name: `${CANARIES.model}:latest`,
        capabilities: ['completion', 'thinking', 'tools'],
      },
    ],
    tokensPerSecond: 2000,
    loadMs: 50,
  })
  const server = await serve({
    OLLAMA_URL: home.url,
    OLLAMA_AUTHORIZATION: `Bearer ${CANARIES.credential}`,
    LOG_REQUESTS: '1',
    ALLOW_MODEL_ADMIN: '1',
  })
  return { home, server }
}

const askAt =
  (url: string): Ask =>
  async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const own = {
      Authorization: `Bearer ${CANARIES.token}`,
      Cookie: `sid=${CANARIES.cookie}`,
      ...headers,
    }
    const json = { method: 'POST', headers: { ...own, 'Content-Type': 'application/json' } }
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(
      `${url}${path}`,
      body === undefined ? { headers: own } : { ...json, body: sent },
    )
    return { status: response.status, text: await response.text() }
  }

/** Sends each word over every route that could log it. */
async function sendEveryCanary(ask: Ask) {
  const answer = await ask('/v1/chat/completions', {
    model,
    messages,
    tools: [{ type: 'function', function: { name: CANARIES.tool } }],
  })
  expect(answer.status).toBe(200)
  const said = await ask('/v1/chat/completions', { model, messages, stream: true })
  // The simulated home repeats the prompt, so the answer contains the word too.
  expect(said.text).toContain(CANARIES.prompt)
  const run = await ask(
    '/api/runs',
    { model, messages, think: true },
    { ...ANONYMOUS, Accept: 'text/event-stream' },
  )
  expect(run.text).toContain('event: done')
  await ask(
    '/api/llm/generate',
    { model, prompt: CANARIES.prompt, system: CANARIES.system },
    ANONYMOUS,
  )
  await ask(
    '/api/llm/generate',
    { model: `${CANARIES.model}-absent`, prompt: CANARIES.prompt },
    ANONYMOUS,
  )
  await ask('/api/llm/generate', `{"prompt":"${CANARIES.prompt}`, ANONYMOUS)
  await ask('/api/runs', { model, prompt: CANARIES.prompt, [CANARIES.path]: 1 }, ANONYMOUS)
  await ask(`/api/${CANARIES.path}?q=${CANARIES.query}`, undefined, ANONYMOUS)
  await ask(`/v1/models/${CANARIES.path}?q=${CANARIES.query}`)
  await ask(`/api/runs?q=${CANARIES.query}`, undefined, ANONYMOUS)
  await ask(`/api/models/${CANARIES.path}`, undefined, ANONYMOUS)
  await ask(`/api/llm/models?key=${CANARIES.token}`)
}

type Ask = (
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<{ status: number; text: string }>

/** A guest opens a link and starts a run, a script uses its token, a phone signs in. Returns every secret involved. */
async function guestsAndTokens(ask: Ask, owner: Record<string, string>): Promise<string[]> {
  const fetchJson = async <Body>(...request: Parameters<Ask>) =>
    JSON.parse((await ask(...request)).text) as Body
  const { runs } = await fetchJson<{ runs: { id: string }[] }>('/api/runs', undefined, owner)
  const share = { runs: [runs.at(-1)?.id], pass: {}, title: CANARIES.share }
  const { id, url } = await fetchJson<{ id: string; url: string }>('/api/shares', share, owner)
  const secret = new URL(url).hash.slice(1)
  const open = `/api/shares/${id}/open`
  const { ticket } = await fetchJson<{ ticket: string }>(
    open,
    { secret },
    { Cookie: '', Authorization: '' },
  )
  await ask(open, { secret: CANARIES.token }, owner)
  const guest = { Cookie: '', Authorization: `Bearer ${ticket}` }
  expect((await ask(`/api/shares/${id}/runs`, { prompt: CANARIES.prompt }, guest)).status).toBe(201)
  await ask(`/api/shares/${id}/pass`, undefined, guest)
  await ask(`/api/shares/${id}/runs`, { [CANARIES.path]: 1 }, guest)
  const { token } = await fetchJson<{ token: string }>(
    '/api/tokens',
    { name: CANARIES.query, scopes: ['v1'] },
    owner,
  )
  expect(
    (await ask('/v1/models', undefined, { Cookie: '', Authorization: `Bearer ${token}` })).status,
  ).toBe(200)
  const code = await fetchJson<{ url: string }>('/api/session/codes', {}, owner)
  await ask('/api/session', { code: CANARIES.token }, owner)
  return [secret, ticket, token, token.slice(-43), new URL(code.url).hash.slice(1)]
}
