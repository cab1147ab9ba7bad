import type { Scope, Starter } from '../../src/lib/contract/access.ts'
import type { Config } from '../config.ts'
import type { Ports } from '../ports.ts'
import { Refusal } from './problem.ts'

/** Who asks. A stranger carries why they are no more than that. */
export type Caller =
  | { who: 'owner'; session: string | null }
  | { who: 'token'; id: string; scopes: readonly Scope[] }
  | { who: 'guest'; share: string; ticket: string }
  | { who: 'stranger'; why: Refusal }

export type KnownCaller = Exclude<Caller, { who: 'stranger' }>

const stranger = (why: string): Caller => ({ who: 'stranger', why: new Refusal('not_signed_in', why) })

export async function callerOf({ config }: Pick<Ports, 'config'>, request: Request): Promise<Caller> {
  return personAtThisMachine(config, request)
}

/** In whose name a caller starts runs, and which runs they may see. */
export function starterOf(caller: KnownCaller): Starter {
  if (caller.who === 'owner') return { lane: 'owner' }
  if (caller.who === 'token') return { lane: 'token', id: caller.id }
  return { lane: 'guest', id: caller.share, ticket: caller.ticket }
}

/** Without a key, on loopback, the person at this machine is the owner (docs/design.md, "At home, no ceremony"). */
function personAtThisMachine(config: Config, request: Request): Caller {
  if (config.runtime === 'deployed' && !config.hasOwnerKey) {
    return {
      who: 'stranger',
      why: new Refusal('not_set_up', 'Nobody owns this deployment yet. Set OWNER_KEY_HASH, then sign in.'),
    }
  }
  if (config.runtime === 'deployed' || config.hasOwnerKey)
    return stranger('Only the owner may do this, and sign-in is not part of this version yet.')
  const forwarded = forwardingHeader(request.headers)
  if (forwarded !== null) {
    return stranger(
      `The request carries ${forwarded}, so somebody has put this server behind a proxy or a tunnel. Then nobody is the owner without an owner key.`,
    )
  }
  return { who: 'owner', session: null }
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

const LOCAL_HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/** A local server that answers other names could be reached by any web page (DNS rebinding). */
export function refuseForeignHost(config: Config, request: Request): Refusal | null {
  if (config.runtime !== 'local') return null
  const { host: asked } = new URL(request.url)
  const host = request.headers.get('host') ?? asked
  if (LOCAL_HOSTS.test(host) && new URL(`http://${host}`).host === asked && !hasRuntimeHeader(request)) return null
  return new Refusal('forbidden', 'This server only answers to localhost, 127.0.0.1 and [::1].')
}

/** Headers by which the local runtime talks to itself; one of them makes it believe another address. Nobody else sends any. */
const hasRuntimeHeader = ({ headers }: Request) => [...headers.keys()].some((name) => name.startsWith('mf-'))

/** Another site, or another port of this machine, may not use the API through a person's browser. */
export function refuseForeignSite(request: Request): Refusal | null {
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  const isOurs =
    (site === null || site === 'same-origin' || site === 'none') &&
    (origin === null || origin === new URL(request.url).origin)
  return isOurs
    ? null
    : new Refusal('forbidden', 'The request comes from another site. Open Porchlight itself and try there.')
}
