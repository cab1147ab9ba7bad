import {
  conclude,
  type Answer,
  type Evidence,
  type ReasonName,
  type Verdict,
} from '../../../src/lib/diagnosis/index.ts'

const HOME = 'home.example.com'
const address = {
  origin: `https://${HOME}`,
  scheme: 'https',
  host: HOME,
  port: 443,
  reach: 'public',
} as const

const version = (ms: number): Answer => ({
  kind: 'response',
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: '{"version":"0.12.11"}',
  ms,
})
const noResponse = (ms: number): Answer => ({
  kind: 'thrown',
  error: 'timeout',
  text: 'no answer in time',
  ms,
})

/** A real verdict with this reason. `ms` is the response time of `GET /api/version`; without it there is no response. */
export function verdictOf(name: ReasonName, ms?: number, status?: 'warn' | 'fail'): Verdict {
  const answer = ms === undefined ? noResponse(4500) : version(ms)
  const evidence: Evidence = {
    runtime: 'deployed',
    address,
    wanted: [],
    version: answer,
    tags: answer,
  }
  const found = ms === undefined ? {} : { version: '0.12.11', models: ['llama3.2:latest'] }
  return conclude(evidence, { reason: name, facts: {}, ...found, ...(status ? { status } : {}) })
}
