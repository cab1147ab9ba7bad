import type { Scope, Starter } from '../../src/lib/contract/access.ts'
import type { Config } from '../config.ts'
import type { Ports } from '../ports.ts'
import { credentialOf, type Credential } from './credential.ts'
import { assertionOf, signedInAt } from './team.ts'
import { refusalFrom } from './exceptions.ts'
import { Refusal } from './problem.ts'

/**
 * Who asks. A stranger carries why they are no more than that. `credential` is what they showed: long answers look again
 * whether it still holds. `null`: the person at this machine, whom nothing ends.
 */
export type Caller = ({ credential: Credential | null } & Known) | { who: 'stranger'; why: Refusal }

/** Whom a credential stands for. */
export type Known =
  | {
      who: 'owner'
      session: string | null
      /** When the owner key was last shown, ms since 1970. */ keyAt: number | null
    }
  | { who: 'token'; id: string; scopes: readonly Scope[] }
  | { who: 'guest'; share: string; /** The hash of the ticket. */ ticket: string }

export type KnownCaller = Exclude<Caller, { who: 'stranger' }>

const stranger = (why: string): Caller => ({ who: 'stranger', why: new Refusal('not_signed_in', why) })

/** What is shown decides; who shows nothing may still be the person at this machine. */
export async function callerOf(
  { config, access }: Pick<Ports, 'config' | 'access'>,
  request: Request,
): Promise<Caller> {
  if (isUnowned(config)) return nobodysYet()
  const assertion = assertionOf(config, request)
  if (assertion !== null) return ownerByTeam(await signedInAt(config, assertion))
  const credential = await credentialOf(request)
  const known = credential && (await lookUp(access, credential))
  if (known instanceof Refusal) return { who: 'stranger', why: known }
  if (known) return { ...known, credential }
  // A cookie may be left over from before; a token or a ticket is shown on purpose.
  if (credential && credential.kind !== 'session') return stranger(BAD_BEARER)
  return personAtThisMachine(config, request)
}

/** Who it is may not be known because of a fault of ours. That is no reason to send anybody to the sign-in. */
async function lookUp(access: Ports['access'], credential: Credential): Promise<Known | Refusal | null> {
  try {
    return await access.identify(credential)
  } catch (error) {
    return refusalFrom(error)
  }
}

const ownerByTeam = (keyAt: number | null): Caller =>
  keyAt === null
    ? stranger('Cloudflare Access has not confirmed who you are. Sign in there again.')
    : { who: 'owner', session: null, keyAt, credential: null }

const BAD_BEARER = 'This token is not known, or not any more. Make a new one in the settings.'

/** Deployed, nobody becomes the owner by being first. */
export const isUnowned = ({ runtime, hasOwner }: Config) => runtime === 'deployed' && !hasOwner

const nobodysYet = (): Caller => ({
  who: 'stranger',
  why: new Refusal('not_set_up', 'Nobody owns this deployment yet. Set OWNER_KEY_HASH, then sign in.'),
})

/** In whose name a caller starts runs, and which runs they may see. */
export function starterOf(caller: KnownCaller): Starter {
  if (caller.who === 'owner') return { lane: 'owner' }
  if (caller.who === 'token') return { lane: 'token', id: caller.id }
  return { lane: 'guest', id: caller.share, ticket: caller.ticket }
}

/** Without a key, on loopback, the person at this machine is the owner (docs/design.md, "At home, no ceremony"). */
function personAtThisMachine(config: Config, request: Request): Caller {
  if (config.runtime === 'deployed' || config.hasOwner) return stranger('Only the owner may do this. Sign in first.')
  const forwarded = forwardingHeader(request.headers)
  if (forwarded === 'x-forwarded-for' && config.lan.url !== null)
    return stranger(
      'In the network you sign in with a one-time code. The terminal and the page at the machine show one.',
    )
  if (forwarded !== null) {
    return stranger(
      `The request carries ${forwarded}, so somebody has put this server behind a proxy or a tunnel. Then nobody is the owner without an owner key.`,
    )
  }
  return { who: 'owner', session: null, keyAt: Date.now(), credential: null }
}

const FORWARDING =
  /^(forwarded|x-forwarded(-.*)?|x-original-.*|x-real-ip|x-(cluster-)?client-ip|x-proxyuser-ip|x-envoy-.*|true-client-ip|fastly-.*|tailscale-.*|cf-.*|cdn-loop|via)$/
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
