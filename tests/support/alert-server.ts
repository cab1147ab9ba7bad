import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importJWK, jwtVerify } from 'jose'
import { decrypt, makeBrowserKeys, type BrowserKeys } from './browser-keys.ts'

/** Something that was received, in the order of its arrival. */
export interface Received {
  path: string
  method: string
  headers: Record<string, string>
  body: string
  /** For a push: the text that the browser reads, and what the sender says of itself. */
  push: { text: string; claims: Record<string, unknown> } | null
}

/** How a path answers from now on. */
export interface Manner {
  status?: number
  headers?: Record<string, string>
  /** ms. */
  delayMs?: number
}

export interface Receiver {
  url: string
  stop: () => Promise<void>
}

/**
 * Whoever alerts go to: an ntfy, a webhook and a push service, each at paths of its own, over real sockets. Under `/control`:
 * `PUT manner?path=` says how a path answers, `GET got` tells what came, `POST browser?name=` subscribes a new browser,
 * `POST reset` forgets everything.
 */
export async function startReceiver(): Promise<Receiver> {
  const manners = new Map<string, Manner>()
  const browsers = new Map<string, BrowserKeys>()
  let received: Received[] = []
  let url = ''

  async function control(request: IncomingMessage, asked: URL): Promise<unknown> {
    if (asked.pathname === '/control/got') return received
    if (asked.pathname === '/control/manner')
      return void manners.set(
        asked.searchParams.get('path') ?? '',
        JSON.parse((await bytesOf(request)).toString()) as Manner,
      )
    if (asked.pathname === '/control/browser') {
      const path = `/push/${asked.searchParams.get('name')}`
      const keys = makeBrowserKeys()
      browsers.set(path, keys)
      return {
        endpoint: `${url}${path}`,
        keys: {
          p256dh: keys.publicKey.toString('base64url'),
          auth: keys.auth.toString('base64url'),
        },
      }
    }
    received = []
    manners.clear()
    browsers.clear()
    return null
  }

  async function receive(request: IncomingMessage, response: ServerResponse, path: string) {
    const body = await bytesOf(request)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const keys = browsers.get(path)
    const push = keys ? { text: decrypt(body, keys), claims: await claimsOf(headers, url) } : null
    received.push({
      path,
      method: request.method ?? '',
      headers,
      body: keys ? '' : body.toString(),
      push,
    })
    const { status = 200, headers: more = {}, delayMs = 0 } = manners.get(path) ?? {}
    setTimeout(() => response.writeHead(status, more).end('{}'), delayMs).unref()
  }

  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://receiver')
    const answer = asked.pathname.startsWith('/control/')
      ? control(request, asked).then((told) =>
          response.writeHead(200).end(JSON.stringify(told ?? null)),
        )
      : receive(request, response, asked.pathname)
    answer.catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url, stop }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** What a VAPID header claims (RFC 8292), if its signature holds and it is meant for this push service. Throws otherwise. */
async function claimsOf(
  { authorization = '' }: Record<string, string>,
  url: string,
): Promise<Record<string, unknown>> {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=([\w-]+)$/.exec(authorization) ?? []
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) =>
    half.toString('base64url'),
  )
  const audience = url.replace(/^http:/, 'https:')
  const { payload } = await jwtVerify(
    token,
    await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256'),
    { audience },
  )
  return payload
}
