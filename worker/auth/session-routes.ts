import { Hono } from 'hono'
import type { Context } from 'hono'
import {
  SignInRequest,
  type Code,
  type SessionStatus,
  type SessionInfo,
} from '../../src/lib/contract/access.ts'
import { jsonBody, strangersBodyGuard } from '../http/body.ts'
import { callerOf, isUnowned } from './caller.ts'
import { cookieName, randomText, sessionCookieOf, sha256 } from './credential.ts'
import { deviceName } from '../../src/lib/contract/device-name.ts'
import { only } from '../http/methods.ts'
import { requires } from './guard.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import { clientNetworkOf } from '../http/client-network.ts'
import type { Ports } from '../ports.ts'
import { iso } from '../time.ts'

const KEY_BYTES = 32
const CODE_BYTES = 16
const ID_BYTES = 9
const CODE_MS = 2 * 60_000
/** A browser keeps the cookie as long as a session may last at most. s. */
const COOKIE_S = 30 * 24 * 60 * 60

/** The door: who am I, sign in, sign out, a code for another device. */
export function session(ports: Ports) {
  return new Hono()
    .get('/', async (c) => c.json<SessionStatus>(await doorFor(ports, c.req.raw)))
    .post('/', strangersBodyGuard, jsonBody(SignInRequest), async (c) => {
      if (isUnowned(ports.config))
        throw new HttpProblem('not_set_up', 'This deployment has no owner yet.')
      const cookie = await signIn(ports, c.req.raw, c.req.valid('json'))
      return c.body(null, 204, { 'Set-Cookie': cookie })
    })
    .delete('/', async (c) => {
      const cookie = sessionCookieOf(c.req.raw)
      if (cookie !== null) await ports.auth.endSessionOf(await sha256(cookie))
      return signedOut(c)
    })
    .all('/', only('GET, HEAD, POST, DELETE'))
    .post('/codes', requires(ports), async (c) =>
      c.json<Code, 201>(await offerCode(ports, new URL(c.req.url)), 201),
    )
    .all('/codes', only('POST'))
}

/** Every device that is signed in. */
export function sessions(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', owner, async (c) => {
      const mine = c.var.caller.who === 'owner' ? c.var.caller.session : null
      const all = await ports.auth.sessions()
      return c.json<{ sessions: SessionInfo[] }>({
        sessions: all.map((one) => ({ ...one, current: one.id === mine })),
      })
    })
    .delete('/', owner, async (c) => {
      await ports.auth.endSessions()
      return signedOut(c)
    })
    .all('/', only('GET, HEAD, DELETE'))
    .delete('/:id', owner, async (c) => {
      if (!(await ports.auth.endSession(c.req.param('id'))))
        throw new HttpProblem('not_found', 'No such session. It may have ended.')
      return c.body(null, 204)
    })
    .all('/:id', only('DELETE'))
}

async function signIn(
  { config, auth }: Ports,
  request: Request,
  shown: SignInRequest,
): Promise<string> {
  const [kind, text] =
    'key' in shown ? (['key', shown.key] as const) : (['code', shown.code] as const)
  const current = sessionCookieOf(request)
  const secret = randomText(KEY_BYTES)
  const told = await auth.signIn({
    kind,
    hash: await sha256(text.trim()),
    source: clientNetworkOf(config, request),
    session: {
      id: randomText(ID_BYTES),
      hash: await sha256(secret),
      device: deviceName(request.headers.get('user-agent') ?? ''),
    },
    current: current === null ? null : await sha256(current),
  })
  if ('waitMs' in told) throw refusalFor(told)
  return cookieFor(new URL(request.url), secret, COOKIE_S)
}

/** The same words whatever was wrong: a key, a code, its age. */
function refusalFor({
  result,
  waitMs,
}: {
  result: 'wrong' | 'too_soon'
  waitMs: number
}): HttpProblem {
  const seconds = String(Math.ceil(waitMs / 1000))
  const headers: Record<string, string> = waitMs > 0 ? retryAfter(waitMs / 1000) : {}
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

const signedOut = (c: Context) =>
  c.body(null, 204, { 'Set-Cookie': cookieFor(new URL(c.req.url), '', 0) })

const cookieFor = (url: URL, value: string, seconds: number) =>
  [
    `${cookieName(url)}=${value}`,
    'Path=/',
    `Max-Age=${seconds}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(url.protocol === 'https:' ? ['Secure'] : []),
  ].join('; ')

async function offerCode({ config, auth }: Ports, { origin }: URL): Promise<Code> {
  const code = randomText(CODE_BYTES)
  const expiresAt = Date.now() + CODE_MS
  await auth.offerCode(await sha256(code), expiresAt)
  return {
    url: `${reachOf(config, origin) ?? origin}/sign-in#${code}`,
    expiresAt: iso(expiresAt),
  }
}

/** `localhost` leads every other device to itself. */
const reachOf = ({ lan }: Ports['config'], origin: string): string | null =>
  /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(origin) ? lan.url : origin

async function doorFor(ports: Ports, request: Request): Promise<SessionStatus> {
  const { config } = ports
  const caller = await callerOf(ports, request)
  const isOwner = caller.who === 'owner'
  return {
    owner: !isOwner
      ? null
      : caller.session !== null
        ? 'session'
        : config.hasOwner
          ? 'access'
          : 'machine',
    session: isOwner ? caller.session : null,
    why: caller.who === 'stranger' ? caller.why.problem.detail : null,
    isSetUp: !isUnowned(config),
    hasKey: config.ownerKeyHash !== null,
    hasAccess: config.team !== null,
    reach: isOwner ? reachOf(config, new URL(request.url).origin) : null,
  }
}
