import * as v from 'valibot'
import { GenerateRequest } from '../../src/lib/contract/generate.ts'
import { base64 } from '../encoding.ts'

const MAX_TEXTS = 1024

const text = v.pipe(v.string('must be a text'), v.nonEmpty('is empty'))
const INPUT_RULE =
  'must be a text or a list of texts: Ollama has its own tokens, so token numbers mean nothing to it'

/** The body of `POST /v1/embeddings`. */
export const EmbeddingsRequest = v.object({
  model: GenerateRequest.entries.model,
  input: v.union(
    [text, v.pipe(v.array(text), v.nonEmpty('is empty'), v.maxLength(MAX_TEXTS))],
    `${INPUT_RULE}; ${MAX_TEXTS} at most`,
  ),
  encoding_format: v.nullish(v.picklist(['float', 'base64'], 'must be float or base64'), 'float'),
  dimensions: v.nullish(
    v.pipe(
      v.number('must be a whole number'),
      v.integer('must be a whole number'),
      v.minValue(1, 'must be 1 or more'),
    ),
  ),
})

export type EmbeddingsRequest = v.InferOutput<typeof EmbeddingsRequest>

/** `truncate: false` makes a text that is too long an error. Otherwise Ollama embeds only its beginning. */
export const embedRequest = ({ model, input, dimensions }: EmbeddingsRequest) => ({
  model,
  input,
  truncate: false,
  ...(dimensions == null ? {} : { dimensions }),
})

export interface Embedded {
  embeddings: number[][]
  prompt_eval_count?: number
}

/** Whether the home has returned one vector of numbers for each text. */
export const isEmbedded = (value: object, { input }: EmbeddingsRequest): value is Embedded => {
  const { embeddings } = value as Partial<Embedded>
  return (
    Array.isArray(embeddings) &&
    embeddings.length === [input].flat().length &&
    embeddings.every(
      (vector) => Array.isArray(vector) && vector.every((number) => typeof number === 'number'),
    )
  )
}

export function embeddingList(
  { model, encoding_format }: EmbeddingsRequest,
  { embeddings, prompt_eval_count: tokens = 0 }: Embedded,
) {
  return {
    object: 'list',
    data: embeddings.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding_format === 'base64' ? base64Of(vector) : vector,
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

/** Little-endian 32-bit floats. */
function base64Of(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4))
  vector.forEach((number, index) => view.setFloat32(index * 4, number, true))
  return base64(view.buffer)
}
