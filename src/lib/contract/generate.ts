import * as v from 'valibot'
import { OPTIONS, type OptionName } from './options.ts'

const KINDS = {
  integer: v.pipe(v.number('must be a whole number'), v.integer('must be a whole number')),
  number: v.pipe(v.number('must be a number'), v.finite('must be a number')),
  boolean: v.boolean('must be true or false'),
  words: v.union(
    [
      v.pipe(
        v.string(),
        v.transform((word) => [word]),
      ),
      v.pipe(v.array(v.string()), v.maxLength(16)),
    ],
    'must be text or a list of texts',
  ),
} as const

const optionEntries = Object.fromEntries(
  Object.entries(OPTIONS).map(([name, { kind }]) => [name, v.optional(KINDS[kind])]),
) as {
  [Name in OptionName]: v.OptionalSchema<(typeof KINDS)[(typeof OPTIONS)[Name]['kind']], undefined>
}

/** The body of `POST /api/llm/generate`: strict, so that no unknown field reaches the home. */
export const GenerateRequest = v.strictObject({
  model: v.pipe(
    v.string('must be the name of a model'),
    v.trim(),
    v.nonEmpty('must be the name of a model'),
    v.maxLength(400, 'is too long for the name of a model'),
  ),
  prompt: v.pipe(
    v.string('must be text'),
    v.check((text) => text.trim() !== '', 'is empty: write something first'),
  ),
  stream: v.optional(v.boolean('must be true or false'), true),
  system: v.optional(v.string('must be text')),
  options: v.optional(v.strictObject(optionEntries)),
})

export type GenerateRequest = v.InferOutput<typeof GenerateRequest>

/** The largest request body in bytes, without and with images. */
export const BODY_LIMIT = 1_000_000
export const IMAGES_BODY_LIMIT = 8_000_000
