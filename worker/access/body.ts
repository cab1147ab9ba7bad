import { sValidator } from '@hono/standard-validator'
import { bodyLimit } from 'hono/body-limit'
import { every } from 'hono/combine'
import { createMiddleware } from 'hono/factory'
import type { GenericSchema } from 'valibot'
import { BODY_LIMIT } from '../../src/lib/contract/generate.ts'
import { Refusal } from './problem.ts'

const isJson = createMiddleware(async (c, next) => {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new Refusal('unsupported', 'Send the body as Content-Type: application/json.')
  await next()
})

/** A JSON body that fits `schema`, or a refusal that says what is wrong where. Never echoes what was sent. */
export function jsonBody<Schema extends GenericSchema>(schema: Schema) {
  return sValidator('json', schema, (result) => {
    if (result.success) return
    const errors = result.error.map(({ path = [], message }) => ({
      path: path.map(keyOf).join('.'),
      message: plain(message),
    }))
    const [first] = errors
    throw new Refusal('invalid', first ? `${first.path || 'The body'} ${first.message}.` : 'The body does not fit.', {
      errors,
    })
  })
}

/** Stands before every route with a body: its kind, then its size (bytes), before a byte of it is read. */
export const bodyGuardOf = (maxSize: number) =>
  every(
    isJson,
    bodyLimit({
      maxSize,
      onError: () => {
        throw new Refusal(
          'too_large',
          `The request is larger than ${maxSize.toLocaleString('en')} bytes. Shorten the prompt; a home’s context holds far less.`,
        )
      },
    }),
  )

export const bodyGuard = bodyGuardOf(BODY_LIMIT)

const keyOf = (part: unknown) => String(typeof part === 'object' && part !== null && 'key' in part ? part.key : part)

/** Valibot's own sentences say what was received, which may be a prompt. */
const plain = (message: string) =>
  /^Invalid key: Expected never/.test(message)
    ? 'is not a known field'
    : /^Invalid/.test(message)
      ? 'is missing or of the wrong kind'
      : message
