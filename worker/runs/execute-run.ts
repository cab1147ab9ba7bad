import type { Problem } from '../../src/lib/contract/problem.ts'
import { answerTo } from '../ollama/answer.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { explainFailure } from '../ollama/failure-line.ts'
import { factsBefore, factsDuring } from '../models/facts.ts'
import { problemOf, type HomeAccess } from '../ollama/home-problem.ts'
import { retryWhileBusy } from '../ollama/retry-while-busy.ts'
import { internalProblem, problemFor } from '../ollama/failure-problem.ts'
import type { LiveRun } from './live-run.ts'
import type { Loads } from '../models/load-times.ts'
import { pause } from '../timers.ts'

interface Needs extends HomeAccess {
  loads: Loads
  onEvidence?: (problem: Problem | null) => void
}

/** ms. What the home says of its model beside the answer may not hold up the end of a run for longer. */
const FACTS_MS = 1000

/** Carries a run out at the home, to its end. The request is on its way before this returns. */
export async function executeRun(needs: Needs, run: LiveRun): Promise<void> {
  const { signal } = run.leave
  try {
    await retryWhileBusy(
      () => attempt(needs, run),
      () => run.waitForRoom(),
      signal,
    )
  } catch (error) {
    // Whoever made it leave ends it.
    if (!signal.aborted) run.fail(await explain(needs, run, error).catch(internalProblem))
  }
  learnLoad(needs, run)
  if (run.state === 'done') needs.onEvidence?.(null)
  else if (run.failure) needs.onEvidence?.(run.failure)
}

async function attempt({ config, loads }: Needs, run: LiveRun): Promise<void> {
  const { recipe, leave } = run
  const before = factsBefore(config, recipe.model, leave.signal).then((facts) => {
    run.learn(facts)
    if (facts.cold && loads.outlook({ model: recipe.model, ...run.facts }).mayExceed)
      run.notice('load_may_exceed_silent_limit')
  })
  const lines = answerTo(config, recipe, leave.signal)
  const first = lines.next()
  run.send()
  let during: Promise<void> | null = null
  for (let next = await first; !next.done; next = await lines.next()) {
    run.take(next.value)
    during ??= before.then(() => lookAt(config, run))
    if (!next.value.last) continue
    await Promise.race([during, pause(FACTS_MS, leave.signal)])
    return run.done(next.value.last)
  }
  throw new HomeFailure(
    { kind: 'thrown', error: 'other', text: 'the answer is incomplete', ms: 0 },
    'ended_early',
  )
}

async function lookAt(config: Needs['config'], run: LiveRun): Promise<void> {
  run.learn(await factsDuring(config, run.recipe.model, run.facts.digest, run.leave.signal))
}

function explain(needs: Needs, run: LiveRun, error: unknown): Promise<Problem> {
  const { model } = run.recipe
  if (run.hasBegun && error instanceof HomeFailure)
    return Promise.resolve(problemOf(explainFailure(error, needs.config, model, [])).problem)
  return problemFor(needs, model, error)
}

/** What the run has shown about loading its model. */
function learnLoad({ loads }: Needs, { recipe, facts, receipt, failure, sentAt }: LiveRun) {
  if (!facts.cold || sentAt === null) return
  const weights = { model: recipe.model, ...facts }
  if (receipt?.ms.load) loads.add(weights, receipt.ms.load, true)
  if (failure?.reason === 'silent_too_long') loads.add(weights, Date.now() - sentAt, false)
}
