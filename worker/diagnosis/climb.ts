import {
  isFromCache,
  judgeAddress,
  listedModels,
  versionOf,
  type Address,
  type Answer,
  type Evidence,
} from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { asker, listen, probeControl, type Ask } from './probes.ts'
import { tryOneToken } from './trial.ts'
import { lookAtCertificate, resolve } from './witness.ts'

/** ms. Together below the cap of 8 s: a first try, one repeat of what failed quickly, then second opinions. */
const PATIENCE = {
  first: 4500,
  repeat: 2000,
  second: 2000,
  proof: 1500,
  witness: 2000,
  control: 1000,
  pause: 200,
} as const
const QUICK_MS = 1500
/** A check may cost a home this many requests, with the one for a token. */
const MOST_REQUESTS = 7
/** With its repeat and the list, six requests that all get lost: still below. */
const TRIES = 4

export interface Climb {
  wanted: readonly string[]
  /** Ask for a token, too. `load`: even if a model must be loaded for it. */
  deep?: boolean
  load?: boolean
  /** Called with all that is measured so far, after each stage. */
  onProgress?: (evidence: Evidence) => void
}

/**
 * Measures one home: two round trips when it is healthy, second opinions only where the first answer left a question.
 * Judges nothing.
 */
export async function climb(
  config: Config,
  address: Address,
  { wanted, deep, load, onProgress }: Climb,
): Promise<Evidence> {
  const ask = asker(config, MOST_REQUESTS)
  let evidence: Evidence = { runtime: config.runtime, address, wanted, sent: sentBy(config) }
  const add = (more: Partial<Evidence>) => {
    evidence = { ...evidence, ...more }
    onProgress?.(evidence)
  }
  add({})
  if (judgeAddress(evidence)) return evidence
  add(await firstRound(ask))
  add(await repeatBlips(ask, evidence))
  if (isFromCache(evidence.version) || isFromCache(evidence.tags)) add(await pastTheCache(ask, evidence))
  else if (versionOf(evidence.version) === null) add(await secondOpinions(ask, config, evidence))
  else if (listedModels(evidence.tags) !== null) {
    add(await secondRound(ask))
    add(await thirdList(ask, evidence))
    if (deep) add({ deep: await tryOneToken(config, evidence, load ?? false) })
  }
  if (hasNothingAnswered(evidence) && config.controlUrl !== null && address.reach === 'public')
    add({ control: await probeControl(config.controlUrl, PATIENCE.control) })
  return evidence
}

const sentBy = ({ credentials }: Config) => ({
  authorization: 'Authorization' in credentials,
  accessToken: 'CF-Access-Client-Id' in credentials,
})

async function firstRound(ask: Ask): Promise<Partial<Evidence>> {
  const [version, tags] = await Promise.all([
    ask({ route: 'GET /api/version' }, PATIENCE.first, TRIES),
    ask({ route: 'GET /api/tags' }, PATIENCE.first),
  ])
  return { version, tags }
}

/** A kept connection that the home had just closed, or a 502 after a restart, is gone a moment later: repeat once. */
async function repeatBlips(ask: Ask, { version, tags }: Evidence): Promise<Partial<Evidence>> {
  const [again, tagsAgain] = [mayBeBlip(version), mayBeBlip(tags)]
  if (!again && !tagsAgain) return {}
  await new Promise((resume) => setTimeout(resume, PATIENCE.pause))
  const second = again ? await ask({ route: 'GET /api/version' }, PATIENCE.repeat) : version
  const isWorthIt = versionOf(second) !== null
  const list = tagsAgain && isWorthIt ? await ask({ route: 'GET /api/tags' }, PATIENCE.repeat, TRIES) : tags
  const blips = [again ? version : undefined, tagsAgain ? tags : undefined].filter((answer) => answer !== undefined)
  return { blips, ...(second ? { version: second } : {}), ...(list ? { tags: list } : {}) }
}

function mayBeBlip(answer: Answer | undefined): boolean {
  if (!answer || answer.ms > QUICK_MS) return false
  return answer.kind === 'thrown' ? answer.error === 'lost' : answer.status >= 500
}

/**
 * What is loaded, and the first questions again. Their order matters: of two servers that answer in turn, the second
 * answer to each question then comes from the other one.
 */
async function secondRound(ask: Ask): Promise<Partial<Evidence>> {
  const [ps, version, tags] = await Promise.all([
    ask({ route: 'GET /api/ps' }, PATIENCE.second, 2),
    ask({ route: 'GET /api/version' }, PATIENCE.second, 2),
    ask({ route: 'GET /api/tags' }, PATIENCE.second, 2),
  ])
  return { ps, again: { version, tags } }
}

/** A model that was pulled in between changes the list once; two servers change it back. */
async function thirdList(ask: Ask, { tags, again }: Evidence): Promise<Partial<Evidence>> {
  const line = (answer: Answer | undefined) => JSON.stringify(listedModels(answer))
  const isSame = listedModels(again?.tags) === null || line(tags) === line(again?.tags)
  return isSame ? {} : { third: await ask({ route: 'GET /api/tags' }, PATIENCE.second) }
}

/** No cache answers a POST. */
async function pastTheCache(ask: Ask, { tags }: Evidence): Promise<Partial<Evidence>> {
  const [first] = listedModels(tags) ?? []
  const body = JSON.stringify({ model: first?.name ?? 'none' })
  return { show: await ask({ route: 'POST /api/show', body }, PATIENCE.second, 2) }
}

async function secondOpinions(ask: Ask, config: Config, evidence: Evidence): Promise<Partial<Evidence>> {
  const { version } = evidence
  return version?.kind === 'response'
    ? opinionsOnAnswer(ask, config, evidence, version)
    : opinionsOnSilence(config, evidence)
}

type Answered = Extract<Answer, { kind: 'response' }>

const isEmptyRefusal = ({ status, body }: Answered) => status === 403 && body.trim() === ''
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
  if (isEmptyRefusal(version))
    return { withOrigin: await ask({ route: 'GET /api/version', origin: 'http://localhost' }, PATIENCE.proof) }
  if (isOpenWho(version)) return { root: await ask({ route: 'GET /' }, PATIENCE.proof) }
  return isEdges(version) ? resolution(config, address) : {}
}

async function opinionsOnSilence(config: Config, { address }: Evidence): Promise<Partial<Evidence>> {
  const isSecure = address.scheme === 'https'
  const { handshakeUrl } = config
  const [socket, secureSocket, name, handshake] = await Promise.all([
    listen(address),
    isSecure ? listen(address, 'on') : undefined,
    resolution(config, address),
    isSecure && handshakeUrl !== null ? lookAtCertificate(handshakeUrl, address, PATIENCE.witness) : undefined,
  ])
  return {
    socket,
    ...name,
    ...(secureSocket === undefined ? {} : { secureSocket }),
    ...(handshake === undefined ? {} : { handshake }),
  }
}

async function resolution({ dohUrl }: Config, { host }: Address): Promise<Partial<Evidence>> {
  const isName = !/^\[|^[\d.]+$/.test(host)
  return isName && dohUrl !== null ? { resolution: await resolve(dohUrl, host, PATIENCE.witness) } : {}
}

/** A resolver that says what is wrong with the name has answered, too. */
function hasNothingAnswered({ version, tags, socket, resolution: name }: Evidence): boolean {
  const isSilent = (answer: Answer | undefined) => answer?.kind === 'thrown'
  const isNameWrong = name != null && (name.status !== 0 || name.addresses.length === 0)
  return isSilent(version) && isSilent(tags) && socket === 'nobody' && !isNameWrong
}
