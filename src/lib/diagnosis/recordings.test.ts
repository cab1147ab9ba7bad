import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Answer, Evidence, Socket } from './evidence.ts'
import { readAddress } from './address.ts'
import { judge } from './judge.ts'

/** Answers of real broken proxies and tunnels to a Worker, with their right and wrong causes. */
interface Recorded {
  part: string
  state: string
  address: string
  right: string[]
  wrong: string[]
  answer: RecordedAnswer
  withOrigin?: RecordedAnswer
  socket?: Socket
}

type RecordedAnswer =
  | { status: number; headers: Record<string, string>; body: string; ms: number }
  | { thrown: string; name?: string; overloaded?: boolean; ms: number }

// The others need a second answer or a run: tests/worker/replay.test.ts plays them all.
const recorded = (
  JSON.parse(readFileSync('tests/recordings/edges.json', 'utf8')) as Partial<Recorded>[]
).filter((one): one is Recorded => one.answer !== undefined)

const TAGS: Answer = {
  kind: 'response',
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: '{"models":[{"name":"llama3.2:latest","digest":"a"}]}',
  ms: 3,
}

function answerOf(answer: RecordedAnswer): Answer {
  if ('status' in answer) return { kind: 'response', ...answer }
  const { thrown, overloaded, ms } = answer
  const error = /timeout/.test(thrown)
    ? 'timeout'
    : /lost/.test(thrown)
      ? 'lost'
      : overloaded
        ? 'overloaded'
        : 'internal'
  return { kind: 'thrown', error, text: thrown, ms }
}

function evidenceOf({ state, address: url, answer, withOrigin, socket }: Recorded): Evidence {
  const address = readAddress(url)
  if ('fault' in address) throw new Error(`the recorded address ${url} is not one`)
  const version = answerOf(answer)
  const isUnresolvable = /does not resolve$|does not resolve, https|single-label/.test(state)
  return {
    runtime: 'local',
    address,
    wanted: [],
    version,
    tags:
      version.kind === 'response' && version.status === 200 && /"version"/.test(version.body)
        ? TAGS
        : version,
    resolution:
      version.kind === 'thrown'
        ? isUnresolvable
          ? { status: 3, addresses: [] }
          : { status: 0, addresses: ['127.0.0.1'] }
        : null,
    ...(socket ? { socket } : {}),
    // The real Ollama answers a forbidden origin in the same way, as recordings show.
    ...(withOrigin ? { withOrigin: answerOf(withOrigin), withForeignOrigin: version } : {}),
  }
}

describe('recorded answers of real proxies and tunnels', () => {
  test('more than a hundred states of proxies and tunnels are recorded', () =>
    expect(recorded.length).toBeGreaterThan(100))

  test.each(recorded.map((one) => [one.part, one.state, one] as const))(
    'the recorded state %s, %s gets a correct cause, at least as an alternative of an uncertain verdict',
    (_part, _state, one) => {
      const { cause, confidence, alternatives, reason } = judge(evidenceOf(one))
      const named = confidence === 'high' ? [cause] : [cause, ...alternatives]
      expect(named, `${reason} says ${named.join(', ')}`).toEqual(
        expect.arrayContaining([expect.toBeOneOf(one.right)]),
      )
      if (confidence === 'high') expect(one.wrong).not.toContain(cause)
    },
  )
})
