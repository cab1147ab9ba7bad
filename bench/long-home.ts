/** A home whose one model writes without end, at any rate. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

const MODEL = 'long:latest'
const EVERY_MS = 10

const entry = {
  name: MODEL,
  model: MODEL,
  size: 1e9,
  digest: 'a'.repeat(64),
  details: {},
  capabilities: ['completion'],
}
const ANSWERS: Readonly<Record<string, object>> = {
  '/api/version': { version: '0.32.15' },
  '/api/tags': { models: [entry] },
  '/api/ps': { models: [{ ...entry, size_vram: 1e9, context_length: 131_072 }] },
  '/api/show': { capabilities: ['completion'], model_info: {}, details: {} },
}

export interface LongHome {
  url: string
  /** The content of the next answer. */
  write: (tokens: readonly string[], perSecond: number) => void
  stop: () => void
}

export async function startLongHome(): Promise<LongHome> {
  let next: { tokens: readonly string[]; perSecond: number } = { tokens: [], perSecond: 1 }
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    request.resume().on('end', () => {
      if (path === '/api/generate') return void answer(response, next.tokens, next.perSecond)
      const value = ANSWERS[path]
      response
        .writeHead(value ? 200 : 404, { 'Content-Type': 'application/json' })
        .end(JSON.stringify(value ?? {}))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    write: (tokens, perSecond) => (next = { tokens, perSecond }),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function answer(response: ServerResponse, tokens: readonly string[], perSecond: number) {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
  const from = performance.now()
  for (let sent = 0; sent < tokens.length;) {
    const due = Math.min(tokens.length, Math.floor(((performance.now() - from) * perSecond) / 1000))
    const lines = tokens
      .slice(sent, due)
      .map((text) => JSON.stringify({ model: MODEL, response: text, done: false }))
    if (lines.length > 0) response.write(`${lines.join('\n')}\n`)
    sent = due
    await new Promise((resume) => setTimeout(resume, EVERY_MS))
  }
  const figures = {
    eval_count: tokens.length,
    eval_duration: 5e10,
    prompt_eval_count: 9,
    total_duration: 5e10,
  }
  response.end(
    `${JSON.stringify({ model: MODEL, response: '', done: true, done_reason: 'stop', ...figures })}\n`,
  )
}
