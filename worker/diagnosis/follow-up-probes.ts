import type { Address, Answer, Evidence } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { listen, type Ask } from './probes.ts'
import { lookAtCertificate, resolve } from './dns-and-tls-probes.ts'

/** ms. */
const TIMEOUTS = { proof: 1500, witness: 2000 } as const

/** What is asked where the first answer, or its absence, left a question. */
export async function secondOpinions(
  ask: Ask,
  config: Config,
  evidence: Evidence,
): Promise<Partial<Evidence>> {
  const { version } = evidence
  return version?.kind === 'response'
    ? opinionsOnAnswer(ask, config, evidence, version)
    : opinionsOnSilence(ask, config, evidence)
}

type Answered = Extract<Answer, { kind: 'response' }>

export const isEmptyRefusal = (answer: Answer | undefined) =>
  answer?.kind === 'response' && answer.status === 403 && answer.body.trim() === ''
/** Statuses that Ollama too may give on this route: who speaks is seen on the front page. */
const isOpenWho = ({ status }: Answered) => [403, 404, 405].includes(status)
/** Cloudflare's own statuses leave open whether the name is at fault. */
const isEdges = ({ status }: Answered) => status >= 520 && status <= 530

async function opinionsOnAnswer(
  ask: Ask,
  config: Config,
  { address }: Evidence,
  version: Answered,
): Promise<Partial<Evidence>> {
  if (isEmptyRefusal(version)) return proofOfHostCheck(ask)
  if (isOpenWho(version)) return { root: await ask({ route: 'GET /' }, TIMEOUTS.proof) }
  return isEdges(version) ? resolution(config, address) : {}
}

async function proofOfHostCheck(ask: Ask): Promise<Partial<Evidence>> {
  const [withOrigin, withForeignOrigin] = await Promise.all([
    ask({ route: 'GET /api/version', origin: 'http://localhost' }, TIMEOUTS.proof),
    ask({ route: 'GET /api/version', origin: 'https://elsewhere.example' }, TIMEOUTS.proof),
  ])
  return { withOrigin, withForeignOrigin }
}

export const loopbackV6 = ({ scheme, port }: Address) => `${scheme}://[::1]:${port}`

async function opinionsOnSilence(
  ask: Ask,
  config: Config,
  { address }: Evidence,
): Promise<Partial<Evidence>> {
  const isSecure = address.scheme === 'https'
  const { handshakeUrl } = config
  const [twin, socket, secureSocket, name, handshake] = await Promise.all([
    // A name that is this machine's stands for two addresses, and a runtime may try one of them.
    address.host === 'localhost'
      ? ask({ route: 'GET /api/version', at: loopbackV6(address) }, TIMEOUTS.proof)
      : undefined,
    listen(address),
    isSecure ? listen(address, 'on') : undefined,
    resolution(config, address),
    isSecure && handshakeUrl !== null
      ? lookAtCertificate(handshakeUrl, address, TIMEOUTS.witness)
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
    ? { resolution: await resolve(dohUrl, host, TIMEOUTS.witness) }
    : {}
}
