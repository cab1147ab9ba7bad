import { Hono } from 'hono'
import type { Context } from 'hono'
import { setCookie } from 'hono/cookie'
import {
  SignInRequest,
  type Code,
  type SessionInfo,
  type SessionStatus,
} from '../../src/lib/contract/access.ts'
import { jsonBody, publicBodyGuard } from '../http/body.ts'
import { clientNetworkOf } from '../http/client-network.ts'
import { allowMethods } from '../http/methods.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import type { Ports } from '../ports.ts'
import { iso } from '../time.ts'
import { callerOf, isSetUp, notSetUp } from './caller.ts'
import { cookieName, randomText, sessionCookieOf, sha256 } from './credential.ts'
import { deviceName } from '../../src/lib/contract/device-name.ts'
import { requires } from './guard.ts'
import type { SignIn, SignedIn } from './port.ts'

const SECRET_BYTES = 32
const CODE_BYTES = 16
const ID_BYTES = 9
const CODE_MS = 2 * 60_000
/** The lifetime of a session: the browser keeps the cookie as long. */
const COOKIE_S = 30 * 24 * 60 * 60

/** `/api/session`: who am I, sign in, sign out, and a code for another device. */
export function session(ports: Ports) {
  return new Hono()
    .get('/', async (c) => c.json<SessionStatus>(await statusFor(ports, c.req.raw)))
    .post('/', publicBodyGuard, jsonBody(SignInRequest), async (c) => {
      if (!isSetUp(ports.config)) throw notSetUp()
      writeCookie(c, await signIn(ports, c.req.raw, c.req.valid('json')), COOKIE_S)
      return c.body(null, 204)
    })
    .delete('/', async (c) => {
      const cookie = sessionCookieOf(c.req.raw)
      if (cookie !== null) await ports.auth.endSessionOf(await sha256(cookie))
      return signedOut(c)
    })
    .all('/', allowMethods('GET, HEAD, POST, DELETE'))
    .post('/codes', requires(ports), async (c) =>
      c.json<Code, 201>(await newCode(ports, new URL(c.req.url)), 201),
    )
    .all('/codes', allowMethods('POST'))
}

/** `/api/sessions`: the devices that are signed in. */
export function sessions(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', owner, async (c) => {
      const current = c.var.caller.who === 'owner' ? c.var.caller.session : null
      const all = await ports.auth.sessions()
      return c.json<{ sessions: SessionInfo[] }>({
        sessions: all.map((one) => ({ ...one, current: one.id === current })),
      })
    })
    .delete('/', owner, async (c) => {
      await ports.auth.endSessions()
      return signedOut(c)
    })
    .all('/', allowMethods('GET, HEAD, DELETE'))
    .delete('/:id', owner, async (c) => {
      if (!(await ports.auth.endSession(c.req.param('id'))))
        throw new HttpProblem('not_found', 'No such session. It may have ended.')
      return c.body(null, 204)
    })
    .all('/:id', allowMethods('DELETE'))
}

/** Returns the secret for the session cookie. */
async function signIn(
  { config, auth }: Ports,
  request: Request,
  credentials: SignInRequest,
): Promise<string> {
  const current = sessionCookieOf(request)
  const secret = randomText(SECRET_BYTES)
  const result = await auth.signIn({
    ...(await hashOf(credentials)),
    network: clientNetworkOf(config, request),
    session: {
      id: randomText(ID_BYTES),
      hash: await sha256(secret),
      device: deviceName(request.headers.get('user-agent') ?? ''),
    },
    current: current === null ? null : await sha256(current),
  })
  if (result.result !== 'open') throw signInProblem(result)
  return secret
}

async function hashOf(credentials: SignInRequest): Promise<Pick<SignIn, 'kind' | 'hash'>> {
  return 'key' in credentials
    ? { kind: 'key', hash: await sha256(credentials.key.trim()) }
    : { kind: 'code', hash: await sha256(credentials.code.trim()) }
}

/** The same words for a wrong key, a wrong code and an expired code. */
function signInProblem({ result, waitMs }: Exclude<SignedIn, { result: 'open' }>): HttpProblem {
  const seconds = Math.ceil(waitMs / 1000)
  const headers = waitMs > 0 ? retryAfter(seconds) : undefined
  const next = waitMs > 0 ? ` Try again in ${seconds} s.` : ''
  return result === 'wrong'
    ? new HttpProblem(
        'not_signed_in',
        `That key or code does not open this home.${next}`,
        {},
        headers,
      )
    : new HttpProblem('limit', `Too many failed attempts.${next}`, {}, headers)
}

function signedOut(c: Context) {
  writeCookie(c, '', 0)
  return c.body(null, 204)
}

function writeCookie(c: Context, value: string, maxAge: number) {
  const url = new URL(c.req.url)
  setCookie(c, cookieName(url), value, {
    path: '/',
    maxAge,
    httpOnly: true,
    sameSite: 'Strict',
    secure: url.protocol === 'https:',
  })
}

async function newCode({ config, auth }: Ports, { origin }: URL): Promise<Code> {
  const code = randomText(CODE_BYTES)
  const expiresAt = Date.now() + CODE_MS
  await auth.addCode(await sha256(code), expiresAt)
  return {
    url: `${reachableOrigin(config, origin) ?? origin}/sign-in#${code}`,
    expiresAt: iso(expiresAt),
  }
}

/** An address that other devices can use; on another device, `localhost` would be that device. */
const reachableOrigin = ({ lan }: Ports['config'], origin: string): string | null =>
  /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(origin) ? lan.url : origin

async function statusFor(ports: Ports, request: Request): Promise<SessionStatus> {
  const { config } = ports
  const caller = await callerOf(ports, request)
  const owner = caller.who === 'owner' ? caller : null
  return {
    owner: owner && (owner.session !== null ? 'session' : config.hasOwner ? 'access' : 'machine'),
    session: owner && owner.session,
    why: caller.who === 'stranger' ? caller.why.problem.detail : null,
    isSetUp: isSetUp(config),
    hasKey: config.ownerKeyHash !== null,
    hasAccess: config.accessTeam !== null,
    reach: owner && reachableOrigin(config, new URL(request.url).origin),
  }
}
