import type { PullFailure, PullLine } from '../../src/lib/contract/models.ts'
import type { Config } from '../config.ts'
import { ollamaAt } from '../ollama/client.ts'
import { HomeFailure } from '../ollama/failure.ts'

/** ms. A registry may think for a while, and a check of many gigabytes says nothing until it is done. */
const TIMEOUTS = { firstMs: 60_000, idleMs: 10 * 60_000 } as const
const never = () => new AbortController().signal

export const removeModel = (config: Config, model: string) =>
  ollamaAt(config, TIMEOUTS, never()).delete({ model })

export const copyModel = (config: Config, source: string, destination: string) =>
  ollamaAt(config, TIMEOUTS, never()).copy({ source, destination })

/**
 * Lets the home pull a model, and tells how far it is. Throws `HomeFailure` before the first line; later the last line says
 * what went wrong. What is there already when somebody leaves is kept at home, and a second try goes on from it.
 */
export async function pullModel(
  config: Config,
  model: string,
  leave: AbortSignal,
): Promise<AsyncGenerator<PullLine>> {
  const lines = await ollamaAt(config, TIMEOUTS, leave).pull({ model, stream: true })
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

/** What a registry, the disk or the line at home says, in Go's words. First match wins. */
const FAILURES: readonly { code: PullFailure; when: RegExp; text: string }[] = [
  {
    code: 'no_such_model',
    when: /file does not exist|manifest unknown|not found/i,
    text: 'The registry has no model with this name and tag. ollama.com/library lists all models.',
  },
  {
    code: 'no_space',
    when: /no space left|not enough (disk )?space|disk full/i,
    text: 'The disk at home is full. Delete a model that you do not need, then try again: the download resumes.',
  },
  {
    code: 'newer_ollama',
    when: /newer version of ollama/i,
    text: 'This model needs a newer Ollama. Update it at home first.',
  },
  {
    code: 'private_model',
    when: /unauthorized|\b40[13]\b|access denied/i,
    text: 'The registry does not give this home the model: it is private, or requires a sign-in.',
  },
  {
    code: 'no_network',
    when: /dial tcp|lookup |no such host|network is unreachable|i\/o timeout|TLS handshake|connection refused|connection reset/i,
    text: 'The home cannot reach the registry. It answers us, so check its own connection to the internet.',
  },
]

function failureOf(error: unknown): NonNullable<PullLine['error']> {
  const words =
    error instanceof HomeFailure && error.answer.kind === 'thrown' ? error.answer.text : ''
  const known = FAILURES.find(({ when }) => when.test(words))
  if (known) return { code: known.code, text: known.text }
  return {
    code: 'unknown',
    text: `The download broke off${words ? `: ${words}` : ''}. Try again: the download resumes.`,
  }
}
