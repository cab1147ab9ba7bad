import { sValidator } from '@hono/standard-validator'
import { bodyLimit } from 'hono/body-limit'
import { every } from 'hono/combine'
import { createMiddleware } from 'hono/factory'
import * as v from 'valibot'
import { DEPTH_LIMIT, isTooDeep } from '../../src/lib/contract/depth.ts'
import { splitImages } from '../../src/lib/contract/images.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { BODY_LIMIT, IMAGES_BODY_LIMIT } from '../../src/lib/contract/generate.ts'
import { HttpProblem } from './problem.ts'

const isJson = createMiddleware(async (c, next) => {
  refuseOtherTypes(c.req.raw.headers)
  await next()
})

function refuseOtherTypes(headers: Headers) {
  if (!/^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? ''))
    throw new HttpProblem('unsupported', 'Send the body as Content-Type: application/json.')
}

/** Also where no body is asked for. */
export function refuseOtherBodies({ body, headers }: Request) {
  if (body !== null && headers.get('content-length') !== '0') refuseOtherTypes(headers)
}

/** A JSON body that fits `schema`, or a refusal that says what is wrong where. Never echoes what was sent. */
export function jsonBody<Schema extends v.GenericSchema>(schema: Schema) {
  const shallow = v.custom<v.InferInput<Schema>>(
    (value) => !isTooDeep(value),
    `nests deeper than ${DEPTH_LIMIT} levels`,
  )
  return sValidator('json', v.pipe(shallow, schema), (result) => {
    if (result.success) return
    const errors = result.error.map(({ path = [], message }) => ({
      path: path.map(keyOf).join('.'),
      message: plain(message),
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

function refuseLarge(limit: number, advice: string): never {
  throw new HttpProblem(
    'too_large',
    `The request is larger than ${limit.toLocaleString('en')} bytes. ${advice}`,
  )
}

const SHORTEN = 'Shorten the prompt; a model’s context holds far less.'

/** Stands before every route with a body: its kind, then its size (bytes), before a byte of it is read. */
export const bodyGuardOf = (maxSize: number, advice = SHORTEN) =>
  every(isJson, bodyLimit({ maxSize, onError: () => refuseLarge(maxSize, advice) }))

export const bodyGuard = bodyGuardOf(BODY_LIMIT)

/** Bytes. What somebody sends who is not known, or is but a guest: a key, a secret, a prompt. */
const STRANGERS_LIMIT = 64_000
export const strangersBodyGuard = bodyGuardOf(STRANGERS_LIMIT)

/** The same where images may be inside; `refuseLongText` then looks at the rest. */
export const imagesBodyGuard = bodyGuardOf(IMAGES_BODY_LIMIT, 'Send fewer or smaller images.')

/** Only images make a request large: what stands around them has the limit of any other. */
export function refuseLongText(recipe: Recipe) {
  const { rest } = splitImages(recipe)
  if (new TextEncoder().encode(JSON.stringify(rest)).byteLength > BODY_LIMIT)
    refuseLarge(BODY_LIMIT, SHORTEN)
}

const keyOf = (part: unknown) =>
  String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part)

/** Valibot's own sentences say what was received, which may be a prompt. */
const plain = (message: string) =>
  /^Invalid key: Expected never/.test(message)
    ? 'is not a known field'
    : /^Invalid/.test(message)
      ? 'is missing or has the wrong type'
      : message
