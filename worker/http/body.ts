import { sValidator } from '@hono/standard-validator'
import { bodyLimit } from 'hono/body-limit'
import { every } from 'hono/combine'
import { createMiddleware } from 'hono/factory'
import * as v from 'valibot'
import { DEPTH_LIMIT, isTooDeep } from '../../src/lib/contract/depth.ts'
import { splitImages } from '../../src/lib/contract/images.ts'
import { plainMessage } from '../../src/lib/contract/issues.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { BODY_LIMIT, IMAGES_BODY_LIMIT } from '../../src/lib/contract/generate.ts'
import { HttpProblem } from './problem.ts'

const jsonOnly = createMiddleware(async (c, next) => {
  requireJsonType(c.req.raw.headers)
  await next()
})

function requireJsonType(headers: Headers) {
  if (!/^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? ''))
    throw new HttpProblem('unsupported', 'Send the body as Content-Type: application/json.')
}

/** Also for routes that do not expect a body. */
export function requireJsonBody({ body, headers }: Request) {
  if (body !== null && headers.get('content-length') !== '0') requireJsonType(headers)
}

/** Validates the JSON body. The problem names each invalid field, and never quotes the body. */
export function jsonBody<Schema extends v.GenericSchema>(schema: Schema) {
  const shallow = v.custom<v.InferInput<Schema>>(
    (value) => !isTooDeep(value),
    `nests deeper than ${DEPTH_LIMIT} levels`,
  )
  return sValidator('json', v.pipe(shallow, schema), (result) => {
    if (result.success) return
    const errors = result.error.map(({ path = [], message }) => ({
      path: path.map(segmentOf).join('.'),
      message: plainMessage(message),
    }))
    const [first] = errors
    throw new HttpProblem(
      'invalid',
      first ? `${first.path || 'The body'} ${first.message}.` : 'The body is not valid.',
      {
        errors,
      },
    )
  })
}

const tooLarge = (limit: number, advice: string) =>
  new HttpProblem(
    'too_large',
    `The request is larger than ${limit.toLocaleString('en')} bytes. ${advice}`,
  )

const SHORTEN = 'Shorten the prompt; a model’s context holds far less.'

/** Checks the type and the size (in bytes) before anything reads the body. */
export const bodyGuardOf = (maxSize: number, advice = SHORTEN) =>
  every(
    jsonOnly,
    bodyLimit({
      maxSize,
      onError: () => {
        throw tooLarge(maxSize, advice)
      },
    }),
  )

export const bodyGuard = bodyGuardOf(BODY_LIMIT)

/** For strangers and guests, who only send a key, a secret or a prompt. */
const PUBLIC_LIMIT_BYTES = 64_000
export const publicBodyGuard = bodyGuardOf(PUBLIC_LIMIT_BYTES)

/** For bodies with images; `limitTextSize` then checks the rest. */
export const imagesBodyGuard = bodyGuardOf(IMAGES_BODY_LIMIT, 'Send fewer or smaller images.')

/** Without its images, a request has the same limit as any other. */
export function limitTextSize(recipe: Recipe) {
  const { rest } = splitImages(recipe)
  if (new TextEncoder().encode(JSON.stringify(rest)).byteLength > BODY_LIMIT)
    throw tooLarge(BODY_LIMIT, SHORTEN)
}

const segmentOf = (part: unknown) =>
  String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part)
