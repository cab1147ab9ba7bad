import { describe, expect, test } from 'vitest'
import { readAddress, type Address } from './address.ts'
import type { Answer } from './evidence.ts'
import { providerOfHost } from './providers.ts'
import { closingSteps, isUnsafeVersion, judgeExposure } from './exposure.ts'

const at = (url: string) => readAddress(url) as Address
const HOME = at('https://home.example')
const answer = (status: number, body = '', type = 'application/json'): Answer => ({
  kind: 'response',
  status,
  headers: { 'content-type': type },
  body,
  ms: 1,
})
const lost: Answer = { kind: 'thrown', error: 'lost', text: '', ms: 1 }
const version = answer(200, '{"version":"0.12.11"}')
const tags = answer(200, '{"models":[{"name":"a"}]}')

describe('exposure of the home', () => {
  test.each([
    ['open', version, tags],
    ['open', version, answer(200, '{"models":null}')],
    ['closed', answer(401), answer(401)],
    ['closed', answer(403, '<html>', 'text/html'), answer(403)],
    ['closed', answer(302), answer(302)],
    ['closed', version, answer(401)],
    [
      'unknown',
      answer(200, '<html>Log in</html>', 'text/html'),
      answer(200, '<html>', 'text/html'),
    ],
    ['unknown', answer(530, 'error code: 1033'), answer(530)],
    ['unknown', version, answer(500)],
    ['unknown', lost, lost],
    ['unknown', null, null],
  ] as const)('a home is judged %s by its answers to strangers', (expected, one, other) => {
    expect(judgeExposure(HOME, one, other)).toBe(expected)
  })

  test.each(['http://localhost:11434', 'http://192.168.1.5:11434', 'http://ollama.lan:11434'])(
    'the address %s is not public, so strangers cannot reach it',
    (url) => expect(judgeExposure(at(url), version, tags)).toBe('not_public'),
  )

  test('the fix for an open home matches the tunnel that its host name reveals', () => {
    expect(closingSteps('abc.ngrok-free.app')[0]?.variants?.map((one) => one.for)).toEqual([
      'ngrok',
    ])
    expect(closingSteps('a.trycloudflare.com')[0]?.text).toMatch(/^cloudflared admits everyone/)
    expect(closingSteps('home.example')[0]?.variants?.length).toBeGreaterThan(4)
  })
})

test.each([
  ['0.12.11', true],
  ['0.17.0', true],
  ['0.17.1-rc2', false],
  ['0.17.1', false],
  ['0.33.0-rc2', false],
  ['1.0.0', false],
  ['0.0.0', false],
  ['custom', false],
])('the answer to whether Ollama %s is known to be unsafe is %s', (text, unsafe) =>
  expect(isUnsafeVersion(text)).toBe(unsafe),
)

test.each([
  ['bore.pub', 'bore'],
  ['evilbore.pub', null],
  ['abc.ts.net', 'tailscale'],
  ['evilts.net', null],
])('the host name %s reveals the tunnel provider %s', (host, provider) => {
  expect(providerOfHost(host)).toBe(provider)
})
