import * as v from 'valibot'
import { isTooDeep } from './depth.ts'
import { Recipe } from './recipe.ts'

/** A link carries the recipe in its fragment, which no server ever sees: `r=`, the format version, and the deflated JSON. */
const VERSION = '1'
const PREFIX = 'r='
/** The inflated size in bytes: more than any recipe that can be sent, far less than would do harm. */
const INFLATED_LIMIT = 2_000_000
/** Messengers cut or refuse URLs with more characters. */
export const SAFE_LINK_LENGTH = 8000

/** Why a link does not open. */
export type LinkFault = 'cut' | 'version' | 'too_large' | 'invalid'

export type ReadLink = { recipe: Recipe } | { fault: LinkFault }

/** The fragment of a recipe's link, without its `#`. */
export async function writeLink(recipe: Recipe): Promise<string> {
  const packed = await bytesOf(through(encoded(recipe), new CompressionStream(FORMAT)))
  return `${PREFIX}${VERSION}.${toBase64Url(packed)}`
}

/** Reads a fragment (without its `#`) and validates all of it; `null`: it is not a recipe link. */
export async function readLink(fragment: string): Promise<ReadLink | null> {
  if (!fragment.startsWith(PREFIX)) return null
  const [version, packed = ''] = fragment.slice(PREFIX.length).split('.', 2)
  if (version !== VERSION) return { fault: /^\d+$/.test(version ?? '') ? 'version' : 'cut' }
  const unpacked = await unpack(packed)
  if (typeof unpacked !== 'string') return unpacked
  const value = parse(unpacked)
  if (value === undefined) return { fault: 'cut' }
  if (isTooDeep(value)) return { fault: 'invalid' }
  const { success, output } = v.safeParse(Recipe, value)
  return success ? { recipe: output } : { fault: 'invalid' }
}

const FORMAT = 'deflate-raw'

async function unpack(packed: string): Promise<string | { fault: LinkFault }> {
  const bytes = fromBase64Url(packed)
  if (bytes === null) return { fault: 'cut' }
  try {
    const inflated = await bytesOf(through(bytes, new DecompressionStream(FORMAT)), INFLATED_LIMIT)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(inflated)
  } catch (error) {
    return { fault: error instanceof TooLarge ? 'too_large' : 'cut' }
  }
}

class TooLarge extends Error {}

const encoded = (recipe: Recipe) =>
  Uint8Array.from(new TextEncoder().encode(JSON.stringify(recipe)))

const through = (bytes: Uint8Array<ArrayBuffer>, change: CompressionStream | DecompressionStream) =>
  new Blob([bytes]).stream().pipeThrough<Uint8Array>(change)

/** Stops reading at the limit, so that a link cannot inflate beyond it in memory. */
async function bytesOf(stream: ReadableStream<Uint8Array>, limit = Infinity): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    length += value.byteLength
    if (length <= limit) continue
    await reader.cancel()
    throw new TooLarge()
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

function toBase64Url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return null
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
    character.charCodeAt(0),
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
