import { parse } from 'hono/utils/cookie'
import { base64url, hex } from '../encoding.ts'

/**
 * What a caller sends to identify itself. Only hashes leave the Worker, so nothing in the database can be used to sign in.
 * `hash` is the lower-case hex SHA-256 of the secret. The Worker itself verifies Cloudflare Access (`until`: ms since 1970).
 */
export type Credential = Secret | { kind: 'access'; until: number }

interface Secret {
  kind: 'session' | 'token' | 'guest'
  hash: string
}

/** Tells API tokens apart from guest sessions, which are bearers too. */
export const TOKEN_PREFIX = 'pl_'

/** Our own secrets are shorter; hashing longer ones would only cost time. */
const MAX_CHARS = 200

/** A bearer takes precedence: a cookie beside it must not add rights. */
export async function credentialOf(request: Request): Promise<Secret | null> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (bearer !== undefined)
    return {
      kind: bearer.startsWith(TOKEN_PREFIX) ? 'token' : 'guest',
      hash: await sha256(bearer.slice(0, MAX_CHARS)),
    }
  const session = sessionCookieOf(request)
  return session === null
    ? null
    : { kind: 'session', hash: await sha256(session.slice(0, MAX_CHARS)) }
}

export const sessionCookieOf = (request: Request) =>
  cookieOf(request, cookieName(new URL(request.url)))

export const cookieOf = ({ headers }: Request, name: string): string | null =>
  parse(headers.get('cookie') ?? '', name)[name] || null

/** Plain http exists only on the local network. Cookies ignore ports, so two servers on one machine need different names. */
export const cookieName = ({ protocol, port }: URL) =>
  protocol === 'https:' ? '__Host-porchlight' : `porchlight-${port || '80'}`

export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return hex(digest)
}

/** Random bytes as base64url. */
export const randomText = (bytes: number) =>
  base64url(crypto.getRandomValues(new Uint8Array(bytes)))
