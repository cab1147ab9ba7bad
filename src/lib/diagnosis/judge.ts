import type { AddressFault } from './address.ts'
import type { Answer, Evidence } from './evidence.ts'
import { differenceIn } from './split-detection.ts'
import { factsOf, describeAnswer } from './facts.ts'
import { judgeHome } from './home.ts'
import { explainMissing } from './missing-model.ts'
import {
  errorText,
  isGatewayMessage,
  isNotFound,
  isOllamaError,
  isOllamaList,
  listedModels,
  versionOf,
} from './ollama.ts'
import type { ReasonName } from './reasons/index.ts'
import { isEmptyRefusal } from './fingerprints/fingerprint.ts'
import { reasonForForeignAnswer } from './fingerprints/index.ts'
import { reasonForNoResponse } from './no-response.ts'
import type { Verdict } from './conclusion.ts'
import { conclude } from './verdict.ts'

const EXPECTED_ANSWER = 'Ollama’s answer to /api/version'
const EXPECTED_LIST = 'the list of models from /api/tags'

const FAR_FROM_HOME = {
  loopback: 'loopback_from_edge',
  private: 'private_from_edge',
  single_label: 'home_name_from_edge',
  home_name: 'home_name_from_edge',
} as const satisfies Record<Exclude<Evidence['address']['reach'], 'public'>, ReasonName>

/** Why an address cannot be used, before anything is sent. `null`: it can be used. */
export function judgeAddress({
  address,
  runtime,
}: Pick<Evidence, 'address' | 'runtime'>): ReasonName | null {
  if (runtime === 'local') return null
  if (address.reach !== 'public') return FAR_FROM_HOME[address.reach]
  return address.scheme === 'http' ? 'plain_http_deployed' : null
}

const NOWHERE = { origin: '', scheme: 'https', host: '', port: 443, reach: 'public' } as const

/** The verdict for a configuration that names no usable home. */
export function judgeConfiguration(
  fault: AddressFault | 'owner_key_missing' | 'checker_failed',
  runtime: Evidence['runtime'],
): Verdict {
  const evidence: Evidence = { runtime, address: NOWHERE, wanted: [] }
  return conclude(evidence, {
    reason: fault,
    facts: {},
    expected: 'https://host, with nothing after it',
  })
}

/** Turns the evidence of one check into a verdict. Pure: the same evidence always gives the same verdict. */
export function judge(evidence: Evidence): Verdict {
  const { address, version, tags } = evidence
  const unusable = judgeAddress(evidence)
  if (unusable) {
    const expected = 'an address that works from the internet'
    return conclude(evidence, { reason: unusable, facts: {}, expected, seen: address.host })
  }
  if (version === undefined) return explain(evidence, undefined, 'unnamed_silence')
  if (isFromCache(version) || isFromCache(tags)) return judgeCached(evidence, version)
  const number = versionOf(version)
  if (number === null) return explain(evidence, version, notOllama(evidence, version))
  const models = listedModels(tags)
  if (models === null) return explain(evidence, tags, withoutList(evidence, tags), number)
  const difference = differenceIn(evidence)
  if (difference !== null) {
    const { what, isUncertain } = difference
    const common = {
      facts: { difference: what },
      expected: 'the same answer twice',
      seen: what,
      models: null,
    }
    const splitReason = evidence.twin?.tags ? 'two_at_localhost' : 'answers_differ'
    return conclude(evidence, {
      reason: isUncertain ? 'lists_differ' : splitReason,
      ...common,
      version: number,
    })
  }
  return judgeHome(
    evidence,
    number,
    models.map(({ name }) => name),
  )
}

function explain(
  evidence: Evidence,
  answer: Answer | undefined,
  reason: ReasonName,
  version: string | null = null,
): Verdict {
  const facts = answer ? factsOf(answer, evidence) : {}
  const expected = version === null ? EXPECTED_ANSWER : EXPECTED_LIST
  // Ollama answered some of the requests, so the home is not down.
  const status =
    reason === 'every_other_fails' || reason === 'host_check_sometimes' ? 'warn' : 'fail'
  return conclude(evidence, {
    reason,
    facts,
    expected,
    seen: describeAnswer(answer),
    ms: answer?.ms ?? null,
    version,
    status,
  })
}

function notOllama(evidence: Evidence, version: Answer): ReasonName {
  if (version.kind === 'thrown') {
    const other = evidence.twin?.version
    if (versionOf(other) !== null) return 'other_loopback'
    return other?.kind === 'response'
      ? reasonForForeignAnswer(other, evidence)
      : reasonForNoResponse(evidence, version.error)
  }
  if (!isOllamaList(evidence.tags)) return reasonForForeignAnswer(version, evidence)
  if (version.status >= 500) return 'every_other_fails'
  if (isEmptyRefusal(version)) return 'host_check_sometimes'
  const reason = reasonForForeignAnswer(version, evidence)
  return reason === 'too_old' ? reason : 'half_ollama'
}

/** Statuses that a proxy sends when it got no answer, or does not pass it on. */
const PROXY_ERRORS = [500, 502, 503, 504]

/** Why the list of models is missing, although Ollama sent its version. */
function withoutList(evidence: Evidence, tags: Answer | undefined): ReasonName {
  if (!tags) return 'unnamed'
  if (tags.kind === 'thrown') return tags.error === 'timeout' ? 'list_hangs' : 'list_cut'
  if (isOllamaError(tags)) {
    if (tags.status === 503 && /server busy/i.test(tags.body)) return 'queue_full'
    if (tags.status === 500 && !isGatewayMessage(errorText(tags.body) ?? '')) return 'error_answer'
  }
  if (tags.status === 200) return tags.cutAt === undefined ? 'list_odd' : 'list_too_long'
  if (tags.status === 429) return 'rate_limited'
  return PROXY_ERRORS.includes(tags.status) ? 'list_lost' : 'list_foreign'
}

const CACHED = /\b(HIT|STALE|UPDATING|REVALIDATED)\b/i
const CACHE_HEADERS = ['cf-cache-status', 'x-cache', 'x-cache-status'] as const

/** Whether an answer came from a cache on the way, so that it may be out of date. */
export const isFromCache = (answer: Answer | undefined) =>
  answer?.kind === 'response' &&
  (Number(answer.headers.age ?? 0) > 0 ||
    CACHE_HEADERS.some((name) => CACHED.test(answer.headers[name] ?? '')))

/** No cache answers a POST, so any answer of Ollama's about a model proves that it is up. */
function judgeCached(evidence: Evidence, version: Answer): Verdict {
  const { show, tags, wanted } = evidence
  if (show === undefined) return explain(evidence, version, 'unnamed')
  // Other requests get through, so the name and the connection are fine.
  if (show.kind === 'thrown')
    return explain(evidence, show, show.error === 'timeout' ? 'no_answer' : 'connection_dropped')
  const isAbsent = show.status === 404 && isNotFound(show)
  if (show.status !== 200 && !isAbsent)
    return explain(evidence, show, reasonForForeignAnswer(show, { ...evidence, tags: show }))
  const models = listedModels(tags)?.map(({ name }) => name) ?? []
  const common = {
    expected: 'fresh answers',
    seen: 'old answers',
    version: versionOf(version),
    models,
  }
  const [first] = wanted
  if (isAbsent && first !== undefined)
    return conclude(evidence, { ...common, ...explainMissing(first, []) })
  return conclude(evidence, { ...common, reason: 'cache_in_between', facts: {}, status: 'warn' })
}
