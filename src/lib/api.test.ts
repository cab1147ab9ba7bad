import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { apiAt, ApiError, deletion, failureOf, request, whenNotSignedIn } from './api.ts'
import { PROBLEM_TYPE } from './contract/problem.ts'

let server: Server
let answer: [status: number, type: string, body: string, retryAfter?: string]

const api = () => apiAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
const load = () => request(api().api.settings.$get())
const problem = (status: number, detail: string) =>
  [status, PROBLEM_TYPE, JSON.stringify({ status, detail })] as const

beforeAll(async () => {
  server = createServer((_, response) => {
    const [status, type, body, retryAfter] = answer
    const headers = { 'Content-Type': type, ...(retryAfter ? { 'Retry-After': retryAfter } : {}) }
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())

test('a successful response resolves with its JSON', async () => {
  answer = [200, 'application/json', '{"kept":1}']
  expect(await load()).toEqual({ kept: 1 })
})

test('a problem becomes an error with its sentence, its status and its Retry-After', async () => {
  answer = [...problem(429, 'Wait a minute.'), '60']
  const error = await load().catch((error: unknown) => error)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ message: 'Wait a minute.', status: 429, retryAfterS: 60 })
  expect((error as ApiError).problem).toMatchObject({ detail: 'Wait a minute.' })
})

test('a response that is not a problem is named by its status', async () => {
  answer = [502, 'text/html', '<h1>Bad gateway</h1>']
  expect(await failureOf(load)).toMatch(/^Porchlight answered with status 502 and gave no reason/)
})

test.each([
  ['a server that does not answer', () => request(apiAt('http://127.0.0.1:1').api.settings.$get())],
  ['a body that breaks off', load],
])('%s is reported as Porchlight being out of reach', async (_, act) => {
  answer = [200, 'application/json', '{"kept":']
  expect(await failureOf(act)).toMatch(/^This page cannot reach Porchlight itself/)
})

test('an aborted request is not reported as a failure of Porchlight', async () => {
  const init = { signal: AbortSignal.abort() }
  const error = await api()
    .api.settings.$get(undefined, { init })
    .catch((error: unknown) => error)
  expect(error).not.toBeInstanceOf(ApiError)
})

test('a response 401 is announced to the session', async () => {
  const listener = vi.fn()
  whenNotSignedIn(listener)
  answer = [...problem(401, 'Sign in.')]
  expect(await failureOf(load)).toBe('Sign in.')
  expect(listener).toHaveBeenCalledOnce()
  whenNotSignedIn(() => {})
})

test('deleting something that is already deleted succeeds, and other failures do not', async () => {
  const remove = () => deletion(api().api.tokens[':id'].$delete({ param: { id: 'a' } }))
  answer = [...problem(404, 'No such token.')]
  expect(await failureOf(remove)).toBe('')
  answer = [...problem(500, 'Internal error.')]
  expect(await failureOf(remove)).toBe('Internal error.')
})
