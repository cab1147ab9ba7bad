import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { drainBody } from './drain-body.ts'

test.each([
  ['HEAD', true],
  ['GET', false],
])('a stream opened by %s is ended: %s', async (method, isEnded) => {
  let wasCancelled = false
  const stream = () => new ReadableStream({ cancel: () => void (wasCancelled = true) })
  const app = new Hono()
    .use(drainBody)
    .get('/', () => new Response(stream(), { headers: { 'X-Kind': 'stream' } }))
  const response = await app.request('/', { method })
  expect([response.status, response.headers.get('x-kind'), wasCancelled]).toEqual([
    200,
    'stream',
    isEnded,
  ])
})
