import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAddress, type Address } from './address.ts'
import type { Answer, Evidence } from './evidence.ts'
import { judge } from './judge.ts'
import { judgeGenerationError } from './generation-errors.ts'

const NAMES = [
  'server',
  'content-type',
  'location',
  'age',
  'cf-mitigated',
  'cf-error-type',
  'ngrok-error-code',
  'www-authenticate',
  'x-content-type-options',
] as const
const SNIPPETS = [
  'error code: 1033',
  '{"cloudflare_error":true,"error_code":1016}',
  '{"version":"0.12.11"}',
  '{"version":7}',
  '{"models":[null,7,{}]}',
  '{"models":null}',
  '{"models":[{"name":"a","digest":1}]}',
  '{"error":{"message":"x"}}',
  '{"error":null}',
  'Faithfully yours, frp',
  '404 page not found',
  '404',
  '',
  'null',
  '[]',
] as const

const response: fc.Arbitrary<Answer> = fc.record({
  kind: fc.constant('response' as const),
  status: fc.integer({ min: 100, max: 999 }),
  headers: fc.dictionary(
    fc.constantFrom(...NAMES),
    fc.oneof(fc.string(), fc.constantFrom('cloudflare', 'application/json', '//[', 'https://x')),
  ),
  body: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...SNIPPETS), fc.json()),
  ms: fc.integer({ min: 0, max: 30_000 }),
})
const silence: fc.Arbitrary<Answer> = fc.record({
  kind: fc.constant('thrown' as const),
  error: fc.constantFrom('lost', 'internal', 'overloaded', 'timeout', 'other'),
  text: fc.string(),
  ms: fc.integer({ min: 0, max: 30_000 }),
})
const answer = fc.oneof(response, silence)
const socket = fc.constantFrom(
  'silent' as const,
  'closes' as const,
  'speaks' as const,
  'nobody' as const,
)

const CANARY = 'canary-7f3a.example'

function addressAt(url: string): Address {
  const read = readAddress(url)
  if ('fault' in read) throw new Error(read.fault)
  return read
}

const address = fc
  .constantFrom(
    `https://${CANARY}`,
    `http://${CANARY}:8080`,
    'http://127.0.0.1:11434',
    'http://ollama:11434',
    'https://x.ts.net',
  )
  .map(addressAt)

const canaryHome = addressAt(`https://${CANARY}`)

const evidence: fc.Arbitrary<Evidence> = fc.record(
  {
    runtime: fc.constantFrom('local', 'deployed'),
    address,
    wanted: fc.array(fc.string(), { maxLength: 3 }),
    version: answer,
    tags: answer,
    ps: answer,
    again: fc.record({ version: answer, tags: answer }),
    third: answer,
    root: answer,
    withOrigin: answer,
    show: answer,
    socket,
    secureSocket: socket,
    resolution: fc.option(
      fc.record({
        status: fc.integer({ min: 0, max: 23 }),
        addresses: fc.array(fc.constantFrom('192.0.2.1', '10.0.0.1', '::1', 'fd10:aec2:5dae::')),
      }),
    ),
    control: fc.constantFrom('answers', 'silent'),
    deep: fc.record({ model: fc.string(), answer }),
  },
  { requiredKeys: ['runtime', 'address', 'wanted'] },
)

const RUNS = { numRuns: 2000 } as const

describe('verdicts on arbitrary answers', () => {
  test('any answers of a home lead to a verdict within 500 ms', () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        const startedAt = performance.now()
        const { summary, title, why } = judge(seen)
        expect([summary, title, why].every((text) => text !== '')).toBe(true)
        expect(performance.now() - startedAt).toBeLessThan(500)
      }),
      RUNS,
    )
  })

  test('any failed run has a reason', () => {
    fc.assert(
      fc.property(evidence, answer, (seen, refusal) => {
        expect(judgeGenerationError(seen, refusal, 'llama3.2', ['a']).reason).toBeTypeOf('string')
      }),
      RUNS,
    )
  })

  test('a verdict skips all rungs below a failed one', () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        const { ladder, status } = judge(seen)
        const dark = ladder.findIndex(({ result }) => result === 'fail')
        expect(dark >= 0).toBe(status === 'fail')
        if (dark >= 0)
          expect(ladder.slice(dark + 1).every(({ result }) => result === 'skipped')).toBe(true)
      }),
      RUNS,
    )
  })

  test('the same evidence gives the same verdict', () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        expect(judge(structuredClone(seen))).toEqual(judge(seen))
      }),
      RUNS,
    )
  })

  test('an uncertain verdict has alternatives, and a certain one has none', () => {
    fc.assert(
      fc.property(evidence, (seen) => {
        const { confidence, alternatives, cause } = judge(seen)
        expect(alternatives.length > 0).toBe(confidence === 'low')
        expect(alternatives).not.toContain(cause)
      }),
      RUNS,
    )
  })

  test('the report for other people never contains the address of the home', () => {
    const planted = fc.constantFrom(
      `at ${CANARY}`,
      `zone: ${CANARY}, from 203.0.113.9`,
      `https://me:pw@${CANARY}:8080/x`,
    )
    const leaking = answer.chain((one) =>
      planted.map((text): Answer =>
        one.kind === 'response'
          ? {
              ...one,
              body: `${text} ${one.body}`,
              headers: { ...one.headers, location: `https://${CANARY}/login` },
            }
          : { ...one, text },
      ),
    )
    fc.assert(
      fc.property(evidence, leaking, (seen, version) => {
        const { report } = judge({ ...seen, address: canaryHome, version, tags: version })
        expect(report).not.toContain('canary')
        expect(report).not.toContain('203.0.113.9')
      }),
      RUNS,
    )
  })
})
