import {
  judgeAddress,
  listedModels,
  versionOf,
  type Address,
  type Answer,
  type Evidence,
} from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { ask, listen, resolve } from './probes.ts'

/** ms. Together below the cap of 8 s: a first try, one repeat of what failed quickly, then second opinions. */
const PATIENCE = { first: 5000, repeat: 2500, ps: 2000, proof: 1500, resolver: 2000, pause: 200 } as const
const QUICK_MS = 1500
/** With its repeat and the list, six requests that all get lost: below the seven that a check may cost a home. */
const TRIES = 4

/**
 * Measures one home: two round trips when it is healthy, second opinions only where the first answer left a question.
 * Judges nothing. At most seven requests reach the home.
 */
export async function climb(config: Config, address: Address, wanted: readonly string[]): Promise<Evidence> {
  const evidence: Evidence = { runtime: config.runtime, address, wanted }
  if (judgeAddress(evidence)) return evidence
  const [version, tags] = await Promise.all([
    ask(config, { route: 'GET /api/version' }, PATIENCE.first, TRIES),
    ask(config, { route: 'GET /api/tags' }, PATIENCE.first),
  ])
  evidence.version = version
  evidence.tags = tags
  await repeatBlips(config, evidence)
  if (versionOf(evidence.version) !== null) {
    return listedModels(evidence.tags) === null ? evidence : { ...evidence, ...(await secondRound(config)) }
  }
  return { ...evidence, ...(await secondOpinions(config, evidence)) }
}

/**
 * What is loaded, and the first questions again. Their order matters: of two servers that answer in turn, the second
 * answer to each question then comes from the other one.
 */
async function secondRound(config: Config): Promise<Partial<Evidence>> {
  const [ps, version, tags] = await Promise.all([
    ask(config, { route: 'GET /api/ps' }, PATIENCE.ps),
    ask(config, { route: 'GET /api/version' }, PATIENCE.ps),
    ask(config, { route: 'GET /api/tags' }, PATIENCE.ps),
  ])
  return { ps, again: { version, tags } }
}

/** A kept connection that the home had just closed, or a 502 after a restart, is gone a moment later: repeat once. */
async function repeatBlips(config: Config, evidence: Evidence) {
  const again = { version: mayBeBlip(evidence.version), tags: mayBeBlip(evidence.tags) }
  if (!again.version && !again.tags) return
  await new Promise((resume) => setTimeout(resume, PATIENCE.pause))
  if (again.version) evidence.version = await ask(config, { route: 'GET /api/version' }, PATIENCE.repeat)
  const isWorthIt = versionOf(evidence.version) !== null
  if (again.tags && isWorthIt) evidence.tags = await ask(config, { route: 'GET /api/tags' }, PATIENCE.repeat, TRIES)
}

function mayBeBlip(answer: Answer | undefined): boolean {
  if (!answer || answer.ms > QUICK_MS) return false
  return answer.kind === 'thrown' ? answer.error === 'lost' : answer.status >= 500
}

async function secondOpinions(config: Config, { version, address }: Evidence): Promise<Partial<Evidence>> {
  if (version?.kind === 'response') {
    const isEmptyRefusal = version.status === 403 && version.body === ''
    return isEmptyRefusal
      ? { withOrigin: await ask(config, { route: 'GET /api/version', origin: 'http://localhost' }, PATIENCE.proof) }
      : {}
  }
  const isName = !/^\[|^[\d.]+$/.test(address.host)
  const [socket, resolution] = await Promise.all([
    listen(address),
    isName ? resolve(config.dohUrl, address.host, PATIENCE.resolver) : undefined,
  ])
  return { socket, ...(resolution === undefined ? {} : { resolution }) }
}
