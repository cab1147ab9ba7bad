import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importJWK, jwtVerify } from 'jose'
import { decrypt, makeBrowserKeys, type BrowserKeys } from './browser-keys.ts'

/** One received request, in order of arrival. */
export interface Received {
  path: string
  method: string
  headers: Record<string, string>
  body: string
  /** For a push: the decrypted text and the claims of the sender. */
  push: { text: string; claims: Record<string, unknown> } | null
}

/** How a path responds from now on. */
export interface Manner {
  status?: number
  headers?: Record<string, string>
  delayMs?: number
}

export interface Receiver {
  url: string
  stop: () => Promise<void>
}

/**
 * An ntfy, a webhook and a push service on real sockets, at different paths. Under `/control`: `PUT manner?path=` sets how a
 * path responds, `GET got` lists what was received, `POST browser?name=` subscribes a new browser, `POST reset` clears all.
 */
export async function startReceiver(): Promise<Receiver> {
  const receiver = new AlertServer()
  const server = createServer((request, response) => {
    receiver.respond(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: receiver.url, stop }
}

class AlertServer {
  url = ''
  readonly #manners = new Map<string, Manner>()
  readonly #browsers = new Map<string, BrowserKeys>()
  #received: Received[] = []

  async respond(request: IncomingMessage, response: ServerResponse) {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://receiver')
    if (!pathname.startsWith('/control/')) return this.#receive(request, response, pathname)
    const result = await this.#control(request, pathname.slice('/control/'.length), searchParams)
    response.writeHead(200).end(JSON.stringify(result))
  }

  async #control(request: IncomingMessage, command: string, query: URLSearchParams) {
    if (command === 'got') return this.#received
    if (command === 'browser') return this.#subscribe(`/push/${query.get('name')}`)
    if (command === 'manner') {
      const manner = JSON.parse((await bytesOf(request)).toString()) as Manner
      this.#manners.set(query.get('path') ?? '', manner)
      return null
    }
    this.#received = []
    this.#manners.clear()
    this.#browsers.clear()
    return null
  }

  #subscribe(path: string) {
    const keys = makeBrowserKeys()
    this.#browsers.set(path, keys)
    const [p256dh, auth] = [keys.publicKey, keys.auth].map((key) => key.toString('base64url'))
    return { endpoint: `${this.url}${path}`, keys: { p256dh, auth } }
  }

  async #receive(request: IncomingMessage, response: ServerResponse, path: string) {
    const bytes = await bytesOf(request)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const keys = this.#browsers.get(path)
    const push = keys
      ? { text: decrypt(bytes, keys), claims: await claimsOf(headers, this.url) }
      : null
    const body = keys ? '' : bytes.toString()
    this.#received.push({ path, method: request.method ?? '', headers, body, push })
    const { status = 200, headers: more = {}, delayMs = 0 } = this.#manners.get(path) ?? {}
    setTimeout(() => response.writeHead(status, more).end('{}'), delayMs).unref()
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** The claims of a VAPID header (RFC 8292). Throws unless its signature is valid and its audience is this push service. */
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
