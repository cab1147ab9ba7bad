import type { PullFailure, PullLine } from '../../src/lib/contract/models.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from '../ollama/client.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { MINUTE_MS } from '../time.ts'

/** A registry may be slow, and verifying many gigabytes is silent until it is done. */
const TIMEOUTS = { firstMs: MINUTE_MS, idleMs: 10 * MINUTE_MS } as const

export const removeModel = (config: Config, model: string) =>
  ollamaAt(config, TIMEOUTS).delete({ model })

export const copyModel = (config: Config, source: string, destination: string) =>
  ollamaAt(config, TIMEOUTS).copy({ source, destination })

/**
 * Makes the home pull a model, and yields the progress. Throws `HomeFailure` before the first line; later failures are the last
 * line. When the client disconnects, the home keeps what it has, and the next pull resumes there.
 */
export async function pullModel(
  config: Config,
  model: string,
  signal: AbortSignal,
): Promise<AsyncGenerator<PullLine>> {
  const lines = await ollamaAt(config, TIMEOUTS, signal).pull({ model, stream: true })
  return progressOf(lines)
}

async function* progressOf(lines: AsyncIterable<PullLine>): AsyncGenerator<PullLine> {
  try {
    for await (const { status, total, completed } of lines) yield { status, total, completed }
    yield { done: true }
  } catch (error) {
    yield { error: failureOf(error) }
  }
}

/** Error messages of Ollama, of the registry and of Go's libraries. The first match wins. */
const FAILURES: readonly { code: PullFailure; when: RegExp; text: string }[] = [
  {
    code: 'no_such_model',
    when: /file does not exist|manifest unknown|not found/i,
    text: 'The registry has no model with this name and tag. Check both at ollama.com/library.',
  },
  {
    code: 'no_space',
    when: /no space left|not enough (disk )?space|disk full/i,
    text: 'The disk at home is full. Delete a model that you do not need, then try again: the download resumes.',
  },
  {
    code: 'newer_ollama',
    when: /newer version of ollama/i,
    text: 'This model needs a newer version of Ollama. Update Ollama at home first.',
  },
  {
    code: 'private_model',
    when: /unauthorized|\b40[13]\b|access denied/i,
    text: 'The registry refused the download: the model is private or requires a sign-in.',
  },
  {
    code: 'no_network',
    when: /dial tcp|lookup |no such host|network is unreachable|i\/o timeout|TLS handshake|connection refused|connection reset/i,
    text: 'The home answers, but it cannot reach the registry. Check the home’s own internet connection.',
  },
]

function failureOf(error: unknown): NonNullable<PullLine['error']> {
  const text =
    error instanceof HomeFailure && error.answer.kind === 'thrown' ? error.answer.text : ''
  const known = FAILURES.find(({ when }) => when.test(text))
  if (known) return { code: known.code, text: known.text }
  const detail = text === '' ? '' : `: ${text}`
  return {
    code: 'unknown',
    text: `The download failed${detail}. Try again: it resumes where it stopped.`,
  }
}
