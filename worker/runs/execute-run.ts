import type { Problem } from '../../src/lib/contract/problem.ts'
import { factsBefore, factsDuring } from '../models/facts.ts'
import type { LoadTimes } from '../models/load-times.ts'
import { answerTo } from '../ollama/answer.ts'
import { explainFailure } from '../ollama/failure-line.ts'
import { internalProblem, problemFor } from '../ollama/failure-problem.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { problemOf, type HomeAccess } from '../ollama/home-problem.ts'
import { retryWhileBusy } from '../ollama/retry-while-busy.ts'
import { pause } from '../timers.ts'
import type { LiveRun } from './live-run.ts'

export interface Execution extends HomeAccess {
  loadTimes: LoadTimes
  /** Receives the failure of a run at the home, or `null` if the home worked. */
  onEvidence?: (problem: Problem | null) => void
}

/** Facts about the model that arrive later than this after the answer are left out of the receipt. */
const FACTS_TIMEOUT_MS = 1000

/** Executes a run at the home to its end. The request is sent before this returns. */
export async function executeRun(execution: Execution, run: LiveRun): Promise<void> {
  try {
    await retryWhileBusy(
      () => attempt(execution, run),
      () => run.waitWhileBusy(),
      run.signal,
    )
  } catch (error) {
    // Whatever aborted the request ends the run itself.
    if (!run.signal.aborted)
      run.fail(await problemOfRun(execution, run, error).catch(internalProblem))
  }
  recordLoadTime(execution, run)
  if (run.state === 'done') execution.onEvidence?.(null)
  else if (run.failure) execution.onEvidence?.(run.failure)
}

async function attempt({ config, loadTimes }: Execution, run: LiveRun): Promise<void> {
  const { recipe, signal } = run
  const factsKnown = factsBefore(config, recipe.model, signal).then((facts) => {
    run.addFacts(facts)
    if (facts.cold && loadTimes.outlook({ model: recipe.model, ...run.facts }).mayExceed)
      run.notify('load_may_exceed_silent_limit')
  })
  const lines = answerTo(config, recipe, signal)
  const first = lines.next()
  run.markSent()
  let moreFactsKnown: Promise<void> | null = null
  for (let next = await first; !next.done; next = await lines.next()) {
    run.addLine(next.value)
    moreFactsKnown ??= factsKnown.then(() => addFactsDuring(config, run))
    if (!next.value.last) continue
    await Promise.race([moreFactsKnown, pause(FACTS_TIMEOUT_MS, signal)])
    return run.complete(next.value.last)
  }
  throw new HomeFailure(
    { kind: 'thrown', error: 'other', text: 'the answer is incomplete', ms: 0 },
    'ended_early',
  )
}

async function addFactsDuring(config: Execution['config'], run: LiveRun): Promise<void> {
  run.addFacts(await factsDuring(config, run.recipe.model, run.facts.digest, run.signal))
}

async function problemOfRun(execution: Execution, run: LiveRun, error: unknown): Promise<Problem> {
  const { model } = run.recipe
  return run.hasBegun && error instanceof HomeFailure
    ? problemOf(explainFailure(error, execution.config, model, [])).problem
    : problemFor(execution, model, error)
}

function recordLoadTime({ loadTimes }: Execution, run: LiveRun) {
  const { recipe, facts, receipt, failure, sentAt } = run
  if (!facts.cold || sentAt === null) return
  const weights = { model: recipe.model, ...facts }
  if (receipt?.ms.load) loadTimes.add(weights, receipt.ms.load, true)
  if (failure?.reason === 'silent_too_long') loadTimes.add(weights, Date.now() - sentAt, false)
}
