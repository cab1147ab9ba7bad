import type { Scope, Starter } from '../../src/lib/contract/access.ts'
import type { Show } from '../../src/lib/contract/shares.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { httpProblemFrom } from '../http/exceptions.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import type { Ports } from '../ports.ts'
import { accessSession, assertionOf, type AccessSession } from './cloudflare-access.ts'
import { credentialOf, type Credential } from './credential.ts'

/**
 * Who sent a request. A stranger carries the problem to answer with. Long responses revalidate `credential`; it is `null`
 * for the person at this machine, whose access cannot be revoked.
 */
export type Caller =
  ({ credential: Credential | null } & Identity) | { who: 'stranger'; why: HttpProblem }

export type IdentifiedCaller = Exclude<Caller, { who: 'stranger' }>

/** The owner, token or guest that a credential belongs to. */
export type Identity = Owner | TokenHolder | Guest

interface Owner {
  who: 'owner'
  session: string | null
  /** When the owner key was last entered, in ms since 1970. */
  keyAt: number | null
}

export interface TokenHolder {
  who: 'token'
  id: string
  scopes: readonly Scope[]
  /** The models it may use; empty means all. */
  models: readonly string[]
  /** Until its next request is allowed. */
  waitMs: number
}

/** A visitor who opened a share with its link. */
export interface Guest {
  who: 'guest'
  share: string
  /** The hash of the guest session, which the guest’s runs belong to. */
  session: string
  /** What the link reveals, also about the guest’s own runs. */
  show: Show
}

/** A credential decides. Without one, the caller may still be the person at this machine. */
export async function callerOf(
  ports: Pick<Ports, 'auth' | 'config'>,
  request: Request,
): Promise<Caller> {
  const { config } = ports
  if (!isSetUp(config)) return { who: 'stranger', why: notSetUp() }
  const credential = await credentialOf(request)
  // A bearer is sent on purpose. A cookie may be left over, and Access adds its assertion to every request.
  const isBearer = credential !== null && credential.kind !== 'session'
  const assertion = isBearer ? null : assertionOf(config, request)
  const access = assertion && (await accessSession(config, assertion))
  if (access) return ownerByAccess(access)
  if (assertion?.isFinal) return stranger(ACCESS_UNCONFIRMED)
  if (credential === null) return personAtThisMachine(config, request)
  return (
    (await identifiedBy(ports.auth, credential)) ??
    (isBearer ? stranger(BAD_BEARER) : personAtThisMachine(config, request))
  )
}

/** `null` for an unknown credential. An internal error is reported as such, so that it sends no one to the sign-in. */
async function identifiedBy(auth: Ports['auth'], credential: Credential): Promise<Caller | null> {
  try {
    const identity = await auth.identify(credential, true)
    if (identity?.who === 'token' && identity.waitMs > 0)
      return { who: 'stranger', why: tooManyRequests(identity.waitMs) }
    return identity && { ...identity, credential }
  } catch (error) {
    return { who: 'stranger', why: httpProblemFrom(error) }
  }
}

const ownerByAccess = ({ at, until }: AccessSession): Caller => ({
  who: 'owner',
  session: null,
  keyAt: at,
  credential: { kind: 'access', until },
})

const stranger = (why: string): Caller => ({
  who: 'stranger',
  why: new HttpProblem('not_signed_in', why),
})

const ACCESS_UNCONFIRMED =
  'Cloudflare Access did not confirm your identity. Sign in to Access again.'
const BAD_BEARER = 'This token is unknown or was revoked. Create a new one in the settings.'

const tooManyRequests = (waitMs: number) =>
  new HttpProblem(
    'limit',
    'This token has reached its limit of requests per minute. Wait a minute, or create a token with a higher limit.',
    {},
    retryAfter(waitMs / 1000),
  )

/** A deployment has no owner until a key or Cloudflare Access is set: its first visitor must not become the owner. */
export const isSetUp = ({ runtime, hasOwner }: Config) => runtime === 'local' || hasOwner

export const notSetUp = () =>
  new HttpProblem(
    'not_set_up',
    'This deployment has no owner yet. Set OWNER_KEY_HASH, then sign in.',
  )

/** Those of the models that the caller may use. */
export const modelsFor = <Model extends { name: string }>(
  caller: IdentifiedCaller,
  models: Model[],
): Model[] =>
  caller.who === 'token' && caller.models.length > 0
    ? models.filter(({ name }) => caller.models.some((one) => sameModel(one, name)))
    : models

/** Whose runs the caller starts, and sees. */
export function starterOf(caller: IdentifiedCaller): Starter {
  if (caller.who === 'owner') return { lane: 'owner' }
  if (caller.who === 'token') return { lane: 'token', id: caller.id }
  return { lane: 'guest', id: caller.share, ticket: caller.session }
}

/** Without an owner key, the person at this machine is the owner, and everybody else is a stranger. */
function personAtThisMachine(config: Config, request: Request): Caller {
  if (config.runtime === 'deployed' || config.hasOwner)
    return stranger('Only the owner can do this. Sign in first.')
  const forwarded = forwardingHeader(request.headers)
  if (forwarded === 'x-forwarded-for' && config.lan.url !== null)
    return stranger(
      'On the local network, sign in with the one-time code shown in the terminal or on the computer’s own page.',
    )
  if (forwarded !== null)
    return stranger(
      `The request carries ${forwarded}, so this server is behind a proxy or a tunnel. There, the owner needs an owner key.`,
    )
  return { who: 'owner', session: null, keyAt: Date.now(), credential: null }
}

const FORWARDING =
  /^(forwarded|x-forwarded(-.*)?|x-original-.*|x-real-ip|(x-)?(cluster-)?client-ip|x-remote-(addr|ip)|x-scheme|x-proxyuser-ip|x-envoy-.*|true-client-ip|fastly-.*|tailscale-.*|cf-.*|cdn-loop|via)$/
const LOOPBACK = new Set(['127.0.0.1', '::1'])

/** The header of a hop between the person and this server. The local runtime itself sends `CF-Connecting-IP`, always loopback. */
function forwardingHeader(headers: Headers): string | null {
  for (const [name, value] of headers) {
    if (name === 'cf-connecting-ip' && LOOPBACK.has(value)) continue
    // Some proxies write X_Forwarded_For.
    if (FORWARDING.test(name.replaceAll('_', '-'))) return name
  }
  return null
}
