import type { Problem } from '../../src/lib/contract/problem.ts'
import { reasonOfWords } from '../../src/lib/diagnosis/index.ts'
import { Refusal } from '../access/problem.ts'
import { answerTo } from '../ollama/answer.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { explainFailure } from '../ollama/failure-line.ts'
import { factsBefore, factsDuring } from '../ollama/facts.ts'
import { homeProblem, problemOf } from '../ollama/home-problem.ts'
import type { Ports } from '../ports.ts'
import type { LiveRun } from './live-run.ts'
import { pause } from './timers.ts'
import { waitsWhileBusy } from './waits.ts'

type Needs = Pick<Ports, 'config' | 'check'>

/** ms. What the home says of its model beside the answer may not hold up the end of a run for longer. */
const FACTS_MS = 1000

/** Carries a run out at the home, to its end. The request is on its way before this returns. */
export async function drive(needs: Needs, run: LiveRun): Promise<void> {
  try {
    await untilRoom(needs, run)
  } catch (error) {
    // Whoever made it leave ends it.
    if (!run.leave.signal.aborted) run.fail(await explain(needs, run, error).catch(confess))
  }
}

/** Nothing but Ollama’s own “server busy” is asked again: it comes before anything was begun. */
async function untilRoom(needs: Needs, run: LiveRun): Promise<void> {
  for (const ms of waitsWhileBusy()) {
    try {
      return await attempt(needs, run)
    } catch (error) {
      if (run.hasBegun || !isBusy(error)) throw error
    }
    run.waitForRoom()
    await pause(ms, run.leave.signal)
    if (run.leave.signal.aborted) return
  }
  return attempt(needs, run)
}

const isBusy = (error: unknown) =>
  error instanceof HomeFailure &&
  error.answer.kind === 'response' &&
  error.answer.status === 503 &&
  reasonOfWords(error.answer) === 'queue_full'

async function attempt({ config }: Needs, run: LiveRun): Promise<void> {
  const { recipe, leave } = run
  const before = factsBefore(config, recipe.model, leave.signal).then((facts) => run.learn(facts))
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
  throw new HomeFailure({ kind: 'thrown', error: 'other', text: 'the answer is not complete', ms: 0 }, 'ended_early')
}

async function lookAt(config: Needs['config'], run: LiveRun): Promise<void> {
  run.learn(await factsDuring(config, run.recipe.model, run.facts.digest, run.leave.signal))
}

async function explain(needs: Needs, run: LiveRun, error: unknown): Promise<Problem> {
  const { model } = run.recipe
  if (run.hasBegun && error instanceof HomeFailure)
    return problemOf(explainFailure(error, needs.config, model, [])).problem
  const refusal = await homeProblem(needs, model)(error).catch((told: unknown) => told)
  return refusal instanceof Refusal ? refusal.problem : confess(refusal)
}

/** A mistake of ours has an id and no words. */
function confess(error: unknown): Problem {
  const id = crypto.randomUUID()
  console.error(JSON.stringify({ t: new Date().toISOString(), code: 'internal', id }), error)
  return new Refusal('internal', 'This is our fault. Try again; if it stays, tell us the id.', { id }).problem
}
