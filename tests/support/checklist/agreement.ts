/** The same questions to the real Ollama and to the simulated one: their answers must have the same shape. */
import assert from 'node:assert/strict'
import { startHome, type HomeOptions } from '../../../simulator/home.ts'
import type { Capability } from '../../../simulator/models.ts'
import type { Step, Subject } from './checklist.ts'
import {
  ask,
  capabilitiesOf,
  modelsOf,
  versionOf,
  type Answer,
  type Listed,
  type Ollama,
} from './ollama.ts'
import { differences, shapeOf, type Difference } from './shape.ts'

interface Question {
  name: string
  answer: (ollama: Ollama, model: string) => Promise<unknown>
}

/** What may differ, and why. Each one is a thing that Ollama itself sends at one time and not at another. */
interface Tolerance {
  path: RegExp
  why: string
}

const ABSENT_MODEL = 'porchlight-absent:latest'

const QUESTIONS: readonly Question[] = [
  { name: '/api/version', answer: async (ollama) => labelled(await ask(ollama, '/api/version')) },
  {
    name: 'an entry of /api/tags',
    answer: async (ollama) => entries(await ask(ollama, '/api/tags')),
  },
  { name: 'an entry of /api/ps', answer: psEntries },
  { name: 'the first line of a stream', answer: (ollama, model) => streamLine(ollama, model, 0) },
  { name: 'the last line of a stream', answer: (ollama, model) => streamLine(ollama, model, -1) },
  {
    name: 'the error of a missing model',
    answer: async (ollama) => labelled(await run(ollama, ABSENT_MODEL)),
  },
]

const TOLERATED: readonly Tolerance[] = []

export const AGREEMENT: readonly Step[] = QUESTIONS.map((question) => ({
  name: `real and simulated agree on ${question.name}`,
  run: (subject) => compare(question, subject),
}))

async function compare({ answer }: Question, { home, model }: Subject): Promise<string> {
  const version = await versionOf(home)
  const twin = await startHome(await twinOf(home, model, version))
  try {
    const real = shapeOf(await answer(home, model))
    const simulated = shapeOf(await answer({ url: twin.url, credentials: {} }, model))
    return [
      judge(differences(real, simulated)),
      isKnown(version) ? '' : 'compared with the simulator’s own version',
    ]
      .filter(Boolean)
      .join('; ')
  } finally {
    await twin.stop()
  }
}

function judge(found: Difference[]): string {
  const wrong = found.filter((one) => whyTolerated(one) === undefined)
  assert.ok(
    wrong.length === 0,
    wrong.map((one) => `${one.path}: ${one.real}, simulated ${one.simulated}`).join('\n'),
  )
  return found.map((one) => `${one.path} differs: ${whyTolerated(one)}`).join('; ')
}

const whyTolerated = (found: Difference) => TOLERATED.find(({ path }) => path.test(found.path))?.why

/** A build from source does not know its version. */
const isKnown = (version: string) => version !== '0.0.0'

/** A simulated home of the same version with the same model. */
async function twinOf(home: Ollama, model: string, version: string): Promise<HomeOptions> {
  const listed = (await modelsOf(home)).find(
    ({ name }) => name === model || name === `${model}:latest`,
  )
  if (!listed) throw new Error(`${model} is not listed`)
  const models = [modelLike(listed, (await capabilitiesOf(home, model)) ?? [])]
  return { models, ...(isKnown(version) ? { version } : {}) }
}

function modelLike(
  { name, size = 0, digest = '', details = {} }: Listed,
  capabilities: readonly string[],
) {
  const {
    family = '',
    parameter_size: parameterSize = '',
    quantization_level: quantization = '',
  } = details
  // Neither shows in what is compared.
  const unseen = { contextLength: 4096, loadMs: 0 }
  return {
    name,
    size,
    digest,
    family,
    parameterSize,
    quantization,
    capabilities: capabilities as Capability[],
    ...unseen,
  }
}

const run = (ollama: Ollama, model: string) =>
  ask(ollama, '/api/generate', {
    model,
    prompt: 'Count from one to ten in words.',
    options: { num_predict: 8 },
  })

async function streamLine(ollama: Ollama, model: string, at: number) {
  const { text, ...rest } = await run(ollama, model)
  return labelled({ ...rest, text: text.trimEnd().split('\n').at(at) ?? '' })
}

/** After a run, so that something is loaded. */
async function psEntries(ollama: Ollama, model: string) {
  await run(ollama, model)
  return entries(await ask(ollama, '/api/ps'))
}

/** Models in the cloud are listed with fields of their own. */
function entries(answer: Answer) {
  const { models } = JSON.parse(answer.text) as { models: Listed[] }
  const text = JSON.stringify({ models: models.filter(({ remote_host }) => !remote_host) })
  return labelled({ ...answer, text })
}

/** Status and type must be the same word for word, so they become part of every path. */
const labelled = ({ status, type, text }: Answer): unknown => ({
  [`${status} ${type}`]: JSON.parse(text) as unknown,
})
