import fc from 'fast-check'
import { inject } from 'vitest'
import { describe, expect, test } from 'vitest'
import { apiWith, post } from '../support/workerd/client.ts'

const odd = inject('odd')
const KEY = { OWNER_KEY_HASH: 'a'.repeat(64) }

/** Every request that a stranger may try. */
const ROUTES: readonly [string, RequestInit?][] = [
  ['/healthz'],
  ['/api/health'],
  ['/api/health?code=200'],
  ['/api/health?fresh=1'],
  ['/api/health?deep=1'],
  ['/api/health?model=canary'],
  ['/api/health', { headers: { Accept: 'application/x-ndjson' } }],
  ['/api/llm'],
  ['/api/llm/status'],
  ['/api/llm/models'],
  ['/api/llm/generate', post({ model: 'a', prompt: 'b' })],
  ['/api/runs'],
  ['/api/runs/a/events'],
  ['/api/runs', post({ model: 'a', prompt: 'b' })],
  ['/api/alerts'],
  ['/api/alerts', { ...post({ mute: null }), method: 'PUT' }],
  ['/api/alerts/test', post({})],
  ['/api/alerts/key'],
  ['/api/alerts/subscriptions', post({})],
  ['/api/nothing'],
  ['/v1/models'],
]

async function everyByte(api: ReturnType<typeof apiWith>): Promise<string> {
  const answers = await Promise.all(ROUTES.map(([path, init]) => api(path, init)))
  const texts = answers.map(
    async (answer) =>
      `${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`,
  )
  return (await Promise.all(texts)).join('\n').replace(/model=canary/g, '')
}

describe('strangers', () => {
  test.each([
    'https://canary-4821.invalid',
    'http://canary-4821.invalid:8080',
    'canary-4821.invalid',
    'https://canary-4821.invalid/v1',
    'https://me:canary-4821@home.invalid',
  ])('no response to a stranger contains OLLAMA_URL=%s', async (url) => {
    for (const RUNTIME of ['local', 'deployed']) {
      const bytes = await everyByte(apiWith({ OLLAMA_URL: url, RUNTIME, ...KEY }))
      expect(bytes).not.toContain('canary-4821')
    }
  })

  test('no response to a stranger contains anything that the home answered', async () => {
    const api = apiWith({ OLLAMA_URL: odd, ...KEY })
    const status = fc.constantFrom(200, 302, 401, 403, 404, 429, 500, 502, 503, 530)
    const type = fc.constantFrom('application/json', 'text/html', 'text/plain')
    const body = fc.constantFrom(
      'canary-77',
      '{"version":"canary-77"}',
      '{"error":"canary-77"}',
      '<title>canary-77</title>',
      '{"models":[{"name":"canary-77"}]}',
    )
    await fc.assert(
      fc.asyncProperty(
        status,
        type,
        body,
        body,
        async (code, contentType, versionBody, tagsBody) => {
          const raw = (text: string) =>
            `HTTP/1.1 ${code} No\r\nContent-Type: ${contentType}\r\nServer: canary-77\r\nLocation: https://canary-77.example/\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`
          const put = (path: string, text: string) =>
            fetch(`${odd}/?path=${encodeURIComponent(path)}`, { method: 'PUT', body: raw(text) })
          await Promise.all([
            put('/api/version', versionBody),
            put('/api/tags', tagsBody),
            put('/', tagsBody),
          ])
          expect(await everyByte(api)).not.toContain('canary-77')
        },
      ),
      { numRuns: 25 },
    )
  })
})
