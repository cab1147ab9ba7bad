import {
  isCloudName,
  isFromCache,
  judgeAddress,
  haveSameBody,
  listedModels,
  sameModel,
  versionOf,
  type Address,
  type Answer,
  type Evidence,
} from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { isEmptyRefusal } from '../../src/lib/diagnosis/fingerprints/fingerprint.ts'
import { followUpProbes, loopbackV6 } from './follow-up-probes.ts'
import { asker, NOT_SENT, probeControl, type Ask } from './probes.ts'
import { requestToken } from './generation-probe.ts'

/** The maximum duration of a check; each request has its own timeout within it. */
const MAX_MS = { shallow: 7600, deep: 24_000 } as const
const TIMEOUTS = {
  first: 4500,
  repeat: 2000,
  second: 2000,
  control: 1000,
  pause: 200,
} as const
const QUICK_MS = 1500
/** The maximum number of requests to the home, including the one for a token. */
const MAX_REQUESTS = 7
/** Together with the repeat and the list, six lost requests still fit the maximum. */
const TRIES = 4

export interface Climb {
  wanted: readonly string[]
  /** Also request a token. `load`: even if a model must be loaded for it. */
  deep?: boolean
  load?: boolean
  /** Called after each stage with the evidence so far. */
  onProgress?: (evidence: Evidence) => void
}

/**
 * Measures one home: two round trips if it is healthy, follow-up probes only where the first answer leaves a question.
 * Judges nothing.
 */
export async function climb(
  config: Config,
  address: Address,
  { wanted, deep, load, onProgress }: Climb,
): Promise<Evidence> {
  const endsAt = Date.now() + (deep ? MAX_MS.deep : MAX_MS.shallow)
  const ask = asker(config, { requests: MAX_REQUESTS, endsAt })
  let evidence: Evidence = { runtime: config.runtime, address, wanted, sent: sentBy(config) }
  const add = (more: Partial<Evidence>) => {
    evidence = { ...evidence, ...withoutUnsent(more) }
    onProgress?.(evidence)
  }
  add({})
  if (judgeAddress(evidence)) return evidence
  add(await firstRound(ask))
  add(await repeatBlips(ask, evidence))
  if (isFromCache(evidence.version) || isFromCache(evidence.tags))
    add(await pastTheCache(ask, evidence))
  else if (versionOf(evidence.version) === null) add(await followUpProbes(ask, config, evidence))
  else if (listedModels(evidence.tags) !== null) {
    add(await (isLocalhost(address) ? bothAddresses(ask, address) : secondRound(ask)))
    add(await thirdList(ask, evidence))
    if (deep)
      add({
        deep: await requestToken(ask, evidence, {
          load: load ?? false,
          askCloud: config.allowsCloudModels,
        }),
      })
  }
  if (hasNothingAnswered(evidence) && config.controlUrl !== null && address.reach === 'public')
    add({ control: await probeControl(config.controlUrl, TIMEOUTS.control) })
  return evidence
}

/** Leaves out requests that were not sent: absence is never evidence. */
function withoutUnsent(more: Partial<Evidence>): Partial<Evidence> {
  const entries = Object.entries(more).filter(([, value]) => value !== NOT_SENT)
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isPair(key) ? withoutUnsent(value as object) : value]),
  )
}

const isPair = (key: string) => key === 'again' || key === 'twin'

const sentBy = ({ credentials }: Config) => ({
  authorization: 'Authorization' in credentials,
  accessToken: 'CF-Access-Client-Id' in credentials,
})

async function firstRound(ask: Ask): Promise<Partial<Evidence>> {
  const [version, tags] = await Promise.all([
    ask({ route: 'GET /api/version' }, TIMEOUTS.first, { tries: TRIES }),
    ask({ route: 'GET /api/tags' }, TIMEOUTS.first),
  ])
  return { version, tags }
}

/**
 * A closed idle connection or a 502 after a restart is over a moment later, so the request is repeated once. The same goes for
 * an empty 403 from a tunnel that rewrites the Host of only some requests.
 */
async function repeatBlips(ask: Ask, { version, tags }: Evidence): Promise<Partial<Evidence>> {
  const isHalf = (versionOf(version) === null) !== (listedModels(tags) === null)
  const isBlip = (answer: Answer | undefined) =>
    mayBeBlip(answer) || (isHalf && isEmptyRefusal(answer))
  const [isVersionBlip, isTagsBlip] = [isBlip(version), isBlip(tags)]
  if (!isVersionBlip && !isTagsBlip) return {}
  await new Promise((resume) => setTimeout(resume, TIMEOUTS.pause))
  const repeated = isVersionBlip
    ? await ask({ route: 'GET /api/version' }, TIMEOUTS.repeat)
    : NOT_SENT
  const second = repeated === NOT_SENT ? version : repeated
  const isWorthIt = isTagsBlip && versionOf(second) !== null
  const list = isWorthIt
    ? await ask({ route: 'GET /api/tags' }, TIMEOUTS.repeat, { tries: TRIES })
    : tags
  const blips = [isVersionBlip ? version : undefined, isWorthIt ? tags : undefined].filter(
    (answer) => answer !== undefined,
  )
  return { blips, ...(second ? { version: second } : {}), ...(list ? { tags: list } : {}) }
}

function mayBeBlip(answer: Answer | undefined): boolean {
  if (!answer || answer.ms > QUICK_MS) return false
  return answer.kind === 'thrown' ? answer.error === 'lost' : answer.status >= 500
}

/**
 * The loaded models, and the first requests again. Their order matters: if two servers answer in turn, the second answer to
 * each request comes from the other server.
 */
async function secondRound(ask: Ask): Promise<Partial<Evidence>> {
  const [ps, version, tags] = await Promise.all([
    ask({ route: 'GET /api/ps' }, TIMEOUTS.second, { tries: 2 }),
    ask({ route: 'GET /api/version' }, TIMEOUTS.second, { tries: 2 }),
    ask({ route: 'GET /api/tags' }, TIMEOUTS.second, { tries: 2 }),
  ])
  return { ps, again: { version, tags } }
}

const isLocalhost = ({ host }: Address) => host === 'localhost'

/** `localhost` has two addresses, and a different server may listen at each: a native one and one in a container. */
async function bothAddresses(ask: Ask, address: Address): Promise<Partial<Evidence>> {
  const [four, six] = [`${address.scheme}://127.0.0.1:${address.port}`, loopbackV6(address)]
  const [ps, tags, version] = await Promise.all([
    ask({ route: 'GET /api/ps' }, TIMEOUTS.second, { tries: 2 }),
    ask({ route: 'GET /api/tags', at: four }, TIMEOUTS.second),
    ask({ route: 'GET /api/version', at: six }, TIMEOUTS.second),
  ])
  if (versionOf(version) === null) return { ps, twin: { version } }
  const sixth = await ask({ route: 'GET /api/tags', at: six }, TIMEOUTS.second)
  // Whichever server answered first, the other one is among these.
  return { ps, again: { version, tags }, twin: { version, tags: sixth } }
}

/**
 * A model that is pulled during the check changes the list once; two servers change it back. Before a model is reported as
 * missing, the list is requested twice in parallel: behind a load balancer one of them reaches the other server.
 */
async function thirdList(ask: Ask, { tags, again, wanted }: Evidence): Promise<Partial<Evidence>> {
  const line = (answer: Answer | undefined) =>
    (listedModels(answer) ?? [])
      .map(({ name, digest }) => `${name} ${digest}`)
      .sort()
      .join()
  const isDifferent =
    !haveSameBody(tags, again?.tags) &&
    listedModels(again?.tags) !== null &&
    line(tags) !== line(again?.tags)
  const names = (listedModels(tags) ?? []).map(({ name }) => name)
  const [first] = wanted
  const isMissing =
    first !== undefined && !isCloudName(first) && !names.some((one) => sameModel(one, first))
  if (!isDifferent && !isMissing) return {}
  const repeatList = () => ask({ route: 'GET /api/tags' }, TIMEOUTS.second)
  const lists = await Promise.all(isMissing ? [repeatList(), repeatList()] : [repeatList()])
  const isOtherList = (list: Answer) => listedModels(list) !== null && line(list) !== line(tags)
  return { third: lists.find(isOtherList) ?? lists[0] }
}

/** No cache answers a POST. */
async function pastTheCache(ask: Ask, { tags, wanted }: Evidence): Promise<Partial<Evidence>> {
  const name = wanted[0] ?? listedModels(tags)?.[0]?.name ?? 'none'
  const body = JSON.stringify({ model: name })
  return { show: await ask({ route: 'POST /api/show', body }, TIMEOUTS.second, { tries: 2 }) }
}

/** A resolver that reports a problem with the name has answered. One that fails may be cut off itself. */
function hasNothingAnswered({ version, tags, socket, resolution: name }: Evidence): boolean {
  const isSilent = (answer: Answer | undefined) => answer?.kind === 'thrown'
  const isNameWrong =
    name != null && name.status !== 2 && (name.status !== 0 || name.addresses.length === 0)
  return isSilent(version) && isSilent(tags) && socket === 'nobody' && !isNameWrong
}
