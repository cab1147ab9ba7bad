import { isAddressLiteral } from './address.ts'
import type { Evidence } from './evidence.ts'
import { isToken, listedModels, versionOf } from './ollama.ts'
import type { Cause } from './causes.ts'
import { reason } from './reasons/index.ts'
import { LADDER, RUNGS, type Finding, type Result, type Rung } from './rungs.ts'
import type { Conclusion } from './conclusion.ts'

type Judged = Pick<Conclusion, 'reason' | 'rung' | 'expected' | 'seen' | 'ms'> & {
  status: 'pass' | 'warn' | 'fail'
}

/** The rungs of one check: a deep one has one more. */
const rungsOf = ({ deep }: Evidence): readonly Rung[] => (deep ? [...LADDER, 'generate'] : LADDER)

/** The rung that fails. A `generate` reason from a check without that rung is reported at the last one it has. */
export function failedRung(evidence: Evidence, judged: Pick<Conclusion, 'reason' | 'rung'>): Rung {
  const rung = judged.rung ?? reason(judged.reason).rung
  return rungsOf(evidence).includes(rung) ? rung : 'ollama'
}

/** The whole ladder of a judged check. The rungs after the first failed one are skipped. */
export function findings(evidence: Evidence, judged: Judged): Finding[] {
  const { cause, or = [] } = reason(judged.reason)
  const rungs = rungsOf(evidence)
  const at = rungs.indexOf(failedRung(evidence, judged))
  const isInDoubt = (rung: Rung) => or.some((other) => RUNG_OF[other] === rung)
  const isStopped = judged.status === 'fail'
  return rungs.map((one, index) => {
    if (index === at) return decidedFinding(one, judged, cause === 'ok')
    if (index > at)
      return isStopped || !isClimbed(evidence, one)
        ? blank(one, 'skipped', '')
        : passedFinding(evidence, one)
    return passedFinding(evidence, one, isInDoubt(one))
  })
}

/** The rung of each alternative cause: a rung that is still in doubt does not pass. */
const RUNG_OF: Partial<Record<Cause, Rung>> = {
  dns_failure: 'dns',
  connection_failed: 'connect',
  tls_failure: 'connect',
  tunnel_down: 'tunnel',
  tunnel_misrouted: 'tunnel',
  access_blocked: 'access',
}

const blank = (rung: Rung, result: Result, title: string): Finding => ({
  rung,
  result,
  title,
  expected: RUNGS[rung].expects,
  seen: null,
  ms: null,
})

const TITLES: Readonly<Record<string, string>> = {
  owner_key_missing: 'This server has no owner yet',
  checker_failed: 'Porchlight’s own checker does not answer',
  no_way_out: 'Nothing can be reached from here',
  model_cold: 'Model is installed, not loaded',
  slow: 'Answers slowly',
  cache_in_between: 'A cache answers in its place',
}

function decidedFinding(
  rung: Rung,
  { status, reason: name, expected, seen, ms }: Judged,
  isOk: boolean,
): Finding {
  const title = TITLES[name] ?? (isOk ? RUNGS[rung].passed : RUNGS[rung].failed)
  return {
    rung,
    result: status,
    title,
    expected: expected ?? RUNGS[rung].expects,
    seen: seen ?? null,
    ms: ms ?? null,
  }
}

/** Whether a rung after a warning was climbed as well. */
function isClimbed({ tags, deep }: Evidence, rung: Rung): boolean {
  if (rung === 'model') return listedModels(tags) !== null
  return rung === 'generate' && deep !== undefined
}

const SKIPPED_TITLES = {
  not_loaded: 'Not tried: no model is loaded',
  unknown_context: 'Not tried: it could reload the model',
  no_model: 'Not tried: there is no model',
  embedding_only: 'Not tried: the loaded model writes no text',
  no_budget: 'Not tried: this check has used up its requests',
  cloud: 'Not tried: the model runs in the cloud, which costs money',
} as const

function passedFinding(evidence: Evidence, rung: Rung, isInDoubt = false): Finding {
  const { deep, version } = evidence
  if (rung === 'generate' && deep && 'skipped' in deep)
    return blank(rung, 'unknown', SKIPPED_TITLES[deep.skipped])
  if (rung === 'dns' && isAddressLiteral(evidence.address.host))
    return { ...blank(rung, 'pass', 'No name needed'), seen: evidence.address.host }
  if (!isProven(evidence, rung, isInDoubt)) return blank(rung, 'unknown', 'Not seen from here')
  if (rung === 'generate' && !(deep && 'answer' in deep && isToken(deep)))
    return blank(rung, 'unknown', 'Not tried')
  const ms =
    rung === 'ollama'
      ? (version?.ms ?? null)
      : rung === 'generate' && deep && 'answer' in deep
        ? deep.answer.ms
        : null
  return { ...blank(rung, 'pass', RUNGS[rung].passed), seen: SEEN[rung](evidence), ms }
}

/** The observation at a rung that passed. */
const SEEN: Record<Rung, (evidence: Evidence) => string | null> = {
  config: ({ address }) => address.origin,
  dns: ({ resolution }) => resolution?.addresses.join(', ') || 'something answered under this name',
  connect: ({ address }) => `a connection to port ${address.port}`,
  tunnel: ({ version }) => answered(version),
  access: ({ version }) => answered(version),
  ollama: ({ version }) => versionOf(version) ?? answered(version),
  model: ({ tags }) =>
    listedModels(tags)
      ?.map(({ name }) => name)
      .join(', ') ?? null,
  generate: ({ deep }) => (deep && 'answer' in deep ? `a token from ${deep.model}` : null),
}

const answered = (answer: Evidence['version']) =>
  answer?.kind === 'response' ? `HTTP ${answer.status}` : null

const isConnected = ({ version, socket }: Evidence) =>
  version?.kind === 'response' || (socket !== undefined && socket !== 'nobody')

function isProven(evidence: Evidence, rung: Rung, isInDoubt: boolean): boolean {
  if (rung === 'config') return true
  if (rung === 'dns') return isNameProven(evidence)
  if (rung === 'connect') return isConnected(evidence)
  return evidence.version?.kind === 'response' && !isInDoubt
}

/** An answer, an open or lost connection, or the resolver itself proves that the name resolves. */
function isNameProven({ version, socket, resolution, runtime }: Evidence): boolean {
  if (version?.kind === 'response') return true
  if (socket !== undefined && socket !== 'nobody') return true
  if (resolution) return resolution.addresses.length > 0
  return runtime === 'local' && version?.kind === 'thrown' && version.error === 'lost'
}

/** The rungs that have passed while a check is still climbing. */
export function passedSoFar(evidence: Evidence): Finding[] {
  const isOllama = versionOf(evidence.version) !== null
  const hasPassed: Record<Rung, boolean> = {
    config: true,
    dns: isNameProven(evidence) || isAddressLiteral(evidence.address.host),
    connect: isConnected(evidence),
    tunnel: isOllama,
    access: isOllama,
    ollama: isOllama && listedModels(evidence.tags) !== null,
    model: false,
    generate: false,
  }
  const firstOpen = LADDER.findIndex((rung) => !hasPassed[rung])
  return LADDER.slice(0, firstOpen).map((rung) => passedFinding(evidence, rung))
}
