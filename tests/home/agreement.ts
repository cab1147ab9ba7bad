/** The same questions to the real Ollama and to the simulated one: their answers must have the same shape. */
import assert from 'node:assert/strict'
import { startHome } from '../../simulator/home.ts'
import type { Capability, Model } from '../../simulator/models.ts'
import type { Step, Subject } from './checklist.ts'
import { ask, capabilitiesOf, modelsOf, versionOf, type Answer, type Listed, type Ollama } from './ollama.ts'
import { differences, shapeOf, type Difference } from './shape.ts'

interface Question {
  name: string
  ask: (ollama: Ollama, model: string) => Promise<unknown>
}

/** What may differ, and why. `path` as a shape spells it. */
interface Tolerance {
  question: string
  path: RegExp
  why: string
}

const ABSENT_MODEL = 'porchlight-absent:latest'
const VERSIONED = /^(?!0\.0\.0)\d+\.\d+\.\d+/

const generated = async (ollama: Ollama, model: string) =>
  ask(ollama, '/api/generate', { model, prompt: 'Count from one to ten in words.', options: { num_predict: 8 } })

const QUESTIONS: readonly Question[] = [
  { name: '/api/version', ask: async (ollama) => described(await ask(ollama, '/api/version')) },
  { name: 'an entry of /api/tags', ask: async (ollama) => entries(await ask(ollama, '/api/tags')) },
  {
    name: 'the first line of /api/generate',
    ask: async (ollama, model) => line(await generated(ollama, model), 0),
  },
  {
    name: 'the last line of /api/generate',
    ask: async (ollama, model) => line(await generated(ollama, model), -1),
  },
  // After a run, so that something is loaded.
  { name: 'an entry of /api/ps', ask: async (ollama) => entries(await ask(ollama, '/api/ps')) },
  {
    name: 'the error of a missing model',
    ask: async (ollama) =>
      described(await ask(ollama, '/api/generate', { model: ABSENT_MODEL, prompt: 'Hello' })),
  },
]

const TOLERATED: readonly Tolerance[] = []

export const AGREEMENT: readonly Step[] = QUESTIONS.map((question) => ({
  name: `real and simulated agree on ${question.name}`,
  run: (subject) => compare(question, subject),
}))

async function compare(question: Question, { home, model }: Subject): Promise<string | void> {
  const simulated = await startHome(await twinOf(home, model))
  try {
    const own = { url: simulated.url, credentials: {} }
    const all = differences(
      shapeOf(await question.ask(home, model)),
      shapeOf(await question.ask(own, model)),
    )
    assert.deepEqual(all.filter((found) => !reasonFor(question, found)), []) // prettier-ignore
    return all.map((found) => `${found.path}: ${reasonFor(question, found)}`).join('; ')
  } finally {
    await simulated.stop()
  }
}

const reasonFor = ({ name }: Question, found: Difference) =>
  TOLERATED.find(({ question, path }) => question === name && path.test(found.path))?.why
