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
import { isEmptyRefusal, loopbackV6, secondOpinions } from './follow-up-probes.ts'
import { asker, NOT_ASKED, probeControl, type Ask } from './probes.ts'
import { tryOneToken } from './generation-probe.ts'

/** ms. What a check may take in all; each question has its own patience within that. */
const MOST_MS = { shallow: 7600, deep: 24_000 } as const
const TIMEOUTS = {
  first: 4500,
  repeat: 2000,
  second: 2000,
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
  const endsAt = Date.now() + (deep ? MOST_MS.deep : MOST_MS.shallow)
  const ask = asker(config, { requests: MOST_REQUESTS, endsAt })
  let evidence: Evidence = { runtime: config.runtime, address, wanted, sent: sentBy(config) }
  const add = (more: Partial<Evidence>) => {
    evidence = { ...evidence, ...withoutUnasked(more) }
    onProgress?.(evidence)
  }
  add({})
  if (judgeAddress(evidence)) return evidence
  add(await firstRound(ask))
  add(await repeatBlips(ask, evidence))
  if (isFromCache(evidence.version) || isFromCache(evidence.tags))
    add(await pastTheCache(ask, evidence))
  else if (versionOf(evidence.version) === null) add(await secondOpinions(ask, config, evidence))
  else if (listedModels(evidence.tags) !== null) {
    add(await (isLocalhost(address) ? bothAddresses(ask, address) : secondRound(ask)))
    add(await thirdList(ask, evidence))
    if (deep)
      add({
        deep: await tryOneToken(ask, evidence, {
          load: load ?? false,
          askCloud: config.allowsCloudModels,
        }),
      })
  }
  if (hasNothingAnswered(evidence) && config.controlUrl !== null && address.reach === 'public')
    add({ control: await probeControl(config.controlUrl, TIMEOUTS.control) })
  return evidence
}

/** What was not asked is absent: absence is never evidence. */
function withoutUnasked(more: Partial<Evidence>): Partial<Evidence> {
  const kept = Object.entries(more).filter(([, value]) => value !== NOT_ASKED)
  return Object.fromEntries(
    kept.map(([key, value]) => [key, isPair(key) ? withoutUnasked(value as object) : value]),
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
 * A kept connection that the home had just closed, or a 502 after a restart, is gone a moment later: repeat once. So is an
 * empty 403 of a tunnel that rewrites the Host of some requests only.
 */
async function repeatBlips(ask: Ask, { version, tags }: Evidence): Promise<Partial<Evidence>> {
  const isHalf = (versionOf(version) === null) !== (listedModels(tags) === null)
  const isBlip = (answer: Answer | undefined) =>
    mayBeBlip(answer) || (isHalf && isEmptyRefusal(answer))
  const [again, tagsAgain] = [isBlip(version), isBlip(tags)]
  if (!again && !tagsAgain) return {}
  await new Promise((resume) => setTimeout(resume, TIMEOUTS.pause))
  const repeated = again ? await ask({ route: 'GET /api/version' }, TIMEOUTS.repeat) : NOT_ASKED
  const second = repeated === NOT_ASKED ? version : repeated
  const isWorthIt = tagsAgain && versionOf(second) !== null
  const list = isWorthIt
    ? await ask({ route: 'GET /api/tags' }, TIMEOUTS.repeat, { tries: TRIES })
    : tags
  const blips = [again ? version : undefined, isWorthIt ? tags : undefined].filter(
    (answer) => answer !== undefined,
  )
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
    ask({ route: 'GET /api/ps' }, TIMEOUTS.second, { tries: 2 }),
    ask({ route: 'GET /api/version' }, TIMEOUTS.second, { tries: 2 }),
    ask({ route: 'GET /api/tags' }, TIMEOUTS.second, { tries: 2 }),
  ])
  return { ps, again: { version, tags } }
}

const isLocalhost = ({ host }: Address) => host === 'localhost'

/** `localhost` stands for two addresses, and a server may listen at each: the native one beside the container's. */
async function bothAddresses(ask: Ask, address: Address): Promise<Partial<Evidence>> {
  const [four, six] = [`${address.scheme}://127.0.0.1:${address.port}`, loopbackV6(address)]
  const [ps, tags, version] = await Promise.all([
    ask({ route: 'GET /api/ps' }, TIMEOUTS.second, { tries: 2 }),
    ask({ route: 'GET /api/tags', at: four }, TIMEOUTS.second),
    ask({ route: 'GET /api/version', at: six }, TIMEOUTS.second),
  ])
  if (versionOf(version) === null) return { ps, twin: { version } }
  const sixth = await ask({ route: 'GET /api/tags', at: six }, TIMEOUTS.second)
  // Whichever of them was asked first, the other one is among these.
  return { ps, again: { version, tags }, twin: { version, tags: sixth } }
}

/**
 * A model that was pulled in between changes the list once; two servers change it back. Before a wanted model is called
 * missing, the list is asked for twice at once: behind a balancer of connections one of them reaches the other server.
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
  const askAgain = () => ask({ route: 'GET /api/tags' }, TIMEOUTS.second)
  const lists = await Promise.all(isMissing ? [askAgain(), askAgain()] : [askAgain()])
  const isOtherList = (list: Answer) => listedModels(list) !== null && line(list) !== line(tags)
  return { third: lists.find(isOtherList) ?? lists[0] }
}

/** No cache answers a POST. */
async function pastTheCache(ask: Ask, { tags, wanted }: Evidence): Promise<Partial<Evidence>> {
  const name = wanted[0] ?? listedModels(tags)?.[0]?.name ?? 'none'
  const body = JSON.stringify({ model: name })
  return { show: await ask({ route: 'POST /api/show', body }, TIMEOUTS.second, { tries: 2 }) }
}

/** A resolver that knows what is wrong with the name has answered, too. One that fails may be cut off itself. */
function hasNothingAnswered({ version, tags, socket, resolution: name }: Evidence): boolean {
  const isSilent = (answer: Answer | undefined) => answer?.kind === 'thrown'
  const isNameWrong =
    name != null && name.status !== 2 && (name.status !== 0 || name.addresses.length === 0)
  return isSilent(version) && isSilent(tags) && socket === 'nobody' && !isNameWrong
}
