import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { apiAt, ApiError, streamOf } from '../api.ts'
import { PROBLEM_TYPE } from '../contract/problem.ts'
import type { RunEvent } from '../contract/runs.ts'
import { RunStream } from './run-stream.ts'

/** How the server answers one request for events. */
type Answer = (response: ServerResponse) => void

const frame = (seq: number, event: string, data: object) =>
  `id: ${seq}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
const delta = (seq: number) => frame(seq, 'delta', { text: `${seq}`, tokens: 1 })
const DONE = frame(3, 'stopped', {})

const events =
  (...frames: string[]): Answer =>
  (response) =>
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(frames.join(''))

/** Sends the frames, then breaks the connection. */
const cut =
  (...frames: string[]): Answer =>
  (response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Length': 10_000 })
    response.write(frames.join(''), () => response.destroy())
  }

const problem =
  (status: number): Answer =>
  (response) =>
    response
      .writeHead(status, { 'Content-Type': PROBLEM_TYPE })
      .end(JSON.stringify({ status, detail: `The answer is ${status}.` }))

const page =
  (status: number): Answer =>
  (response) =>
    response.writeHead(status, { 'Content-Type': 'text/html' }).end('<h1>A proxy</h1>')

let server: Server
let answers: Answer[]
let requests: { after: string | null; authorization: string | undefined }[]

beforeEach(async () => {
  requests = []
  server = createServer(({ url = '', headers: { authorization } }, response) => {
    requests.push({
      after: new URL(url, 'http://localhost').searchParams.get('after'),
      authorization,
    })
    const answer = answers.shift() ?? problem(404)
    answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('document', new EventTarget())
})

afterEach(() => {
  vi.unstubAllGlobals()
  server.closeAllConnections()
  server.close()
})

function follow({
  signal = new AbortController().signal,
  ...given
}: {
  signal?: AbortSignal
  answers: Answer[]
}) {
  answers = given.answers
  const groups: RunEvent[][] = []
  const connections: boolean[] = []
  const { port } = server.address() as AddressInfo
  const api = apiAt(`http://127.0.0.1:${port}`)
  const stream = new RunStream({
    signal,
    open: async (after, signal) => {
      const call = { param: { id: 'a' }, query: { after: String(after) } }
      const headers = { Authorization: 'Bearer ticket' }
      return streamOf(await api.api.runs[':id'].events.$get(call, { headers, init: { signal } }))
    },
    onEvents: (group) => groups.push(group),
    onConnection: (isLost) => connections.push(isLost),
  })
  const over = stream.follow()
  return { over, groups, connections, seqs: () => groups.flat().map(({ seq }) => seq) }
}

describe('stream of a run', () => {
  test('a followed run is read to its end, and events that arrive together stay together', async () => {
    const { over, groups, connections } = follow({ answers: [events(delta(1), delta(2), DONE)] })
    await over
    expect(groups.map((group) => group.map(({ event }) => event))).toEqual([
      ['delta', 'delta', 'stopped'],
    ])
    expect(connections).toEqual([false])
  })

  test('a broken connection to a run resumes after the last event, with the same headers', async () => {
    const { over, seqs } = follow({ answers: [cut(delta(1), delta(2)), events(DONE)] })
    await over
    expect(seqs()).toEqual([1, 2, 3])
    expect(requests).toEqual([
      { after: '0', authorization: 'Bearer ticket' },
      { after: '2', authorization: 'Bearer ticket' },
    ])
  })

  test.each([
    ['a problem with status 500', problem(500)],
    ['a problem with status 503', problem(503)],
    ['a problem with status 429', problem(429)],
    ['a page of a proxy with status 502', page(502)],
  ])('a followed run continues after %s', async (_, failure) => {
    const { over, seqs, connections } = follow({
      answers: [cut(delta(1)), failure, failure, events(delta(2), DONE)],
    })
    await over
    expect(seqs()).toEqual([1, 2, 3])
    expect(connections).toEqual([false, true, true, false])
  })

  test.each([401, 404, 410])('status %i ends a followed run with an error', async (status) => {
    const { over } = follow({ answers: [cut(delta(1)), problem(status)] })
    const error = await over.catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status, message: `The answer is ${status}.` })
  })

  test.each([
    ['the device is back online', () => window.dispatchEvent(new Event('online'))],
    ['the person comes back', () => document.dispatchEvent(new Event('visibilitychange'))],
  ])('a followed run reconnects immediately when %s', async (_, wake) => {
    const failures = Array.from({ length: 4 }, () => problem(503))
    const { over, seqs } = follow({ answers: [...failures, events(DONE)] })
    await vi.waitFor(() => expect(requests).toHaveLength(4), { timeout: 5000 })
    // The fourth failure is followed by a pause of three seconds.
    await new Promise((resolve) => setTimeout(resolve, 50))
    const wokenAt = performance.now()
    wake()
    await over
    expect(performance.now() - wokenAt).toBeLessThan(1500)
    expect(seqs()).toEqual([3])
  })

  test('leaving the page ends the request for a run and all further attempts', async () => {
    const leave = new AbortController()
    const isClosed = vi.fn()
    const open: Answer = (response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(delta(1))
      response.once('close', isClosed)
    }
    const { over, groups } = follow({ signal: leave.signal, answers: [open] })
    await vi.waitFor(() => expect(groups).toHaveLength(1))
    leave.abort()
    await over
    await vi.waitFor(() => expect(isClosed).toHaveBeenCalled())
    expect(requests).toHaveLength(1)
  })
})
