import { base64url, hex } from '../encoding.ts'

/**
 * What a caller shows to say who they are. Only hashes of it leave the Worker: nothing that Home keeps opens anything.
 * `hash` is the lower-case hex SHA-256 of the text. What Access says is judged by the Worker, and ends by itself (ms since 1970).
 */
export type Credential = Shown | { kind: 'team'; until: number }

interface Shown {
  kind: 'session' | 'token' | 'ticket'
  hash: string
}

/** API tokens begin so; another bearer is a guest's ticket. */
export const TOKEN_PREFIX = 'pl_'

/** What was sent longer than anything of ours is not worth hashing. */
const MOST_CHARS = 200

/** `null`: nothing is shown. A bearer decides alone: a cookie beside it lends it no rights. */
export async function credentialOf(request: Request): Promise<Shown | null> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (bearer !== undefined)
    return {
      kind: bearer.startsWith(TOKEN_PREFIX) ? 'token' : 'ticket',
      hash: await sha256(bearer.slice(0, MOST_CHARS)),
    }
  const session = sessionCookieOf(request)
  return session === null
    ? null
    : { kind: 'session', hash: await sha256(session.slice(0, MOST_CHARS)) }
}

export const sessionCookieOf = (request: Request) =>
  cookieOf(request, cookieName(new URL(request.url)))

export function cookieOf({ headers }: Request, name: string): string | null {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value) return value
  }
  return null
}

/** Plain http is only served at home, where cookies know no ports: two servers on one machine must not share one. */
export const cookieName = ({ protocol, port }: URL) =>
  protocol === 'https:' ? '__Host-porchlight' : `porchlight-${port || '80'}`

export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return hex(digest)
}

/** base64url of so many random bytes. */
export const randomText = (bytes: number) =>
  base64url(crypto.getRandomValues(new Uint8Array(bytes)))
