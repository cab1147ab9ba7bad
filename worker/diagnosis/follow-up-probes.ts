import type { Address, Answer, Evidence } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { isEmptyRefusal } from '../../src/lib/diagnosis/fingerprints/fingerprint.ts'
import { listen, type Ask } from './probes.ts'
import { inspectCertificate, resolve } from './dns-and-tls-probes.ts'

const TIMEOUTS_MS = { request: 1500, helper: 2000 } as const

/** The probes for the question that the first answer, or its absence, leaves open. */
export async function followUpProbes(
  ask: Ask,
  config: Config,
  evidence: Evidence,
): Promise<Partial<Evidence>> {
  const { version } = evidence
  return version?.kind === 'response'
    ? probesAfterAnswer(ask, config, evidence, version)
    : probesAfterSilence(ask, config, evidence)
}

type Answered = Extract<Answer, { kind: 'response' }>

/** Ollama may send these statuses too; the front page shows which program answers. */
const isAuthorUnclear = ({ status }: Answered) => [403, 404, 405].includes(status)
/** Cloudflare's own statuses leave open whether the name is the problem. */
const isEdgeStatus = ({ status }: Answered) => status >= 520 && status <= 530

async function probesAfterAnswer(
  ask: Ask,
  config: Config,
  { address }: Evidence,
  version: Answered,
): Promise<Partial<Evidence>> {
  if (isEmptyRefusal(version)) return proofOfHostCheck(ask)
  if (isAuthorUnclear(version)) return { root: await ask({ route: 'GET /' }, TIMEOUTS_MS.request) }
  return isEdgeStatus(version) ? resolution(config, address) : {}
}

async function proofOfHostCheck(ask: Ask): Promise<Partial<Evidence>> {
  const [withOrigin, withForeignOrigin] = await Promise.all([
    ask({ route: 'GET /api/version', origin: 'http://localhost' }, TIMEOUTS_MS.request),
    ask({ route: 'GET /api/version', origin: 'https://elsewhere.example' }, TIMEOUTS_MS.request),
  ])
  return { withOrigin, withForeignOrigin }
}

export const loopbackV6 = ({ scheme, port }: Address) => `${scheme}://[::1]:${port}`

async function probesAfterSilence(
  ask: Ask,
  config: Config,
  { address }: Evidence,
): Promise<Partial<Evidence>> {
  const isSecure = address.scheme === 'https'
  const { handshakeUrl } = config
  const [twin, socket, secureSocket, name, handshake] = await Promise.all([
    // `localhost` has two addresses, and the runtime may try only one of them.
    address.host === 'localhost'
      ? ask({ route: 'GET /api/version', at: loopbackV6(address) }, TIMEOUTS_MS.request)
      : undefined,
    listen(address),
    isSecure ? listen(address, 'on') : undefined,
    resolution(config, address),
    isSecure && handshakeUrl !== null
      ? inspectCertificate(handshakeUrl, address, TIMEOUTS_MS.helper)
      : undefined,
  ])
  return {
    socket,
    ...(twin === undefined ? {} : { twin: { version: twin } }),
    ...name,
    ...(secureSocket === undefined ? {} : { secureSocket }),
    ...(handshake === undefined ? {} : { handshake }),
  }
}

async function resolution({ dohUrl }: Config, { host }: Address): Promise<Partial<Evidence>> {
  const isName = !/^\[|^[\d.]+$/.test(host)
  return isName && dohUrl !== null
    ? { resolution: await resolve(dohUrl, host, TIMEOUTS_MS.helper) }
    : {}
}
