import type { Scope, Starter } from '../../src/lib/contract/access.ts'
import type { Show } from '../../src/lib/contract/shares.ts'
import { sameModel } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import type { Ports } from '../ports.ts'
import { credentialOf, type Credential } from './credential.ts'
import { httpProblemFrom } from '../http/exceptions.ts'
import { HttpProblem, retryAfter } from '../http/problem.ts'
import { assertionOf, signedIn } from './cloudflare-access.ts'

/**
 * Who asks. A stranger carries why they are no more than that. `credential` is what they showed: long answers look again
 * whether it still holds. `null`: the person at this machine, whom nothing ends.
 */
export type Caller =
  ({ credential: Credential | null } & Known) | { who: 'stranger'; why: HttpProblem }

/** Whom a credential stands for. */
export type Known =
  | {
      who: 'owner'
      session: string | null
      /** When the owner key was last shown, ms since 1970. */ keyAt: number | null
    }
  | TokenHolder
  | Guest

export interface TokenHolder {
  who: 'token'
  id: string
  scopes: readonly Scope[]
  /** That it may ask; empty: any. */
  models: readonly string[]
  /** Until it may ask anything again. */
  waitMs: number
}

/** Somebody with a link to a share. */
export interface Guest {
  who: 'guest'
  share: string
  /** The hash of the ticket, by which their runs are known. */
  ticket: string
  /** What the link shows, of their own runs too. */
  show: Show
}

export type KnownCaller = Exclude<Caller, { who: 'stranger' }>

const stranger = (why: string): Caller => ({
  who: 'stranger',
  why: new HttpProblem('not_signed_in', why),
})

/** What is shown decides; who shows nothing may still be the person at this machine. */
export async function callerOf(
  ports: Pick<Ports, 'auth' | 'config'>,
  request: Request,
): Promise<Caller> {
  const { config } = ports
  if (isUnowned(config)) return { who: 'stranger', why: notSetUp() }
  const credential = await credentialOf(request)
  // A token or a ticket is shown on purpose; a cookie may be left over, and Access adds its word to everything.
  const isBearer = credential !== null && credential.kind !== 'session'
  const assertion = isBearer ? null : assertionOf(config, request)
  const told = assertion && (await signedIn(config, assertion))
  if (told || assertion?.isFinal) return ownerByTeam(told)
  const known = credential && (await lookUp(ports.auth, credential))
  if (known instanceof HttpProblem) return { who: 'stranger', why: known }
  if (known?.who === 'token' && known.waitMs > 0)
    return { who: 'stranger', why: tooManyBy(known.waitMs) }
  if (known) return { ...known, credential }
  return isBearer ? stranger(BAD_BEARER) : personAtThisMachine(config, request)
}

/** Who it is may not be known because of a fault of ours. That is no reason to send anybody to the sign-in. */
async function lookUp(auth: Ports['auth'], credential: Credential) {
  try {
    return await auth.identify(credential, true)
  } catch (error) {
    return httpProblemFrom(error)
  }
}

const ownerByTeam = (told: { at: number; until: number } | null): Caller =>
  told === null
    ? stranger('Cloudflare Access has not confirmed who you are. Sign in there again.')
    : {
        who: 'owner',
        session: null,
        keyAt: told.at,
        credential: { kind: 'team', until: told.until },
      }

const tooManyBy = (waitMs: number) =>
  new HttpProblem(
    'limit',
    'This token has reached its limit of requests per minute. Wait a minute, or create a token with a higher limit.',
    {},
    retryAfter(waitMs / 1000),
  )

const BAD_BEARER = 'This token is unknown or was revoked. Create a new one in the settings.'

/** Deployed, nobody becomes the owner by being first. */
export const isUnowned = ({ runtime, hasOwner }: Config) => runtime === 'deployed' && !hasOwner

export const notSetUp = () =>
  new HttpProblem(
    'not_set_up',
    'This deployment has no owner yet. Set OWNER_KEY_HASH, then sign in.',
  )

/** Those of them that a caller may ask. */
export const modelsFor = <Model extends { name: string }>(
  caller: KnownCaller,
  models: Model[],
): Model[] =>
  caller.who === 'token' && caller.models.length > 0
    ? models.filter(({ name }) => caller.models.some((one) => sameModel(one, name)))
    : models

/** In whose name a caller starts runs, and which runs they may see. */
export function starterOf(caller: KnownCaller): Starter {
  if (caller.who === 'owner') return { lane: 'owner' }
  if (caller.who === 'token') return { lane: 'token', id: caller.id }
  return { lane: 'guest', id: caller.share, ticket: caller.ticket }
}

/** Without a key, on loopback, the person at this machine is the owner (docs/design.md, "At home, no ceremony"). */
function personAtThisMachine(config: Config, request: Request): Caller {
  if (config.runtime === 'deployed' || config.hasOwner)
    return stranger('Only the owner can do this. Sign in first.')
  const forwarded = forwardingHeader(request.headers)
  if (forwarded === 'x-forwarded-for' && config.lan.url !== null)
    return stranger(
      'On the local network, sign in with the one-time code shown in the terminal or on the computer’s own page.',
    )
  if (forwarded !== null) {
    return stranger(
      `The request carries ${forwarded}, so this server is behind a proxy or a tunnel. There, the owner needs an owner key.`,
    )
  }
  return { who: 'owner', session: null, keyAt: Date.now(), credential: null }
}

const FORWARDING =
  /^(forwarded|x-forwarded(-.*)?|x-original-.*|x-real-ip|(x-)?(cluster-)?client-ip|x-remote-(addr|ip)|x-scheme|x-proxyuser-ip|x-envoy-.*|true-client-ip|fastly-.*|tailscale-.*|cf-.*|cdn-loop|via)$/
const LOOPBACK = new Set(['127.0.0.1', '::1'])

/** The header that shows a hop between the person and this server. The local runtime itself adds `CF-Connecting-IP`, always loopback. */
function forwardingHeader(headers: Headers): string | null {
  for (const [name, value] of headers) {
    if (name === 'cf-connecting-ip' && LOOPBACK.has(value)) continue
    // Some proxies write X_Forwarded_For.
    if (FORWARDING.test(name.replaceAll('_', '-'))) return name
  }
  return null
}
