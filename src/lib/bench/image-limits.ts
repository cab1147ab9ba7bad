import { IMAGES_BODY_LIMIT, BODY_LIMIT } from '../contract/generate.ts'

/** An image as it is sent. */
export interface Picture {
  name: string
  base64: string
  width: number
  height: number
}

/** In pixels. Vision models scale images down further anyway. */
export const MAX_SIDE = 1600
/** Characters of base64 that a request can carry besides the text. */
export const MAX_BASE64 = IMAGES_BODY_LIMIT - BODY_LIMIT
/** Characters of base64 that this device saves with the draft. */
export const MAX_SAVED_BASE64 = 3_000_000

/** The size in which an image is sent, in pixels. */
export function fitInto(width: number, height: number, maxSide = MAX_SIDE) {
  const scale = Math.min(1, maxSide / Math.max(width, height, 1))
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  }
}

/** The number of bytes that a base64 text encodes. */
export const bytesOf = (base64: string) =>
  Math.floor((base64.length * 3) / 4) - (/=*$/.exec(base64)?.[0].length ?? 0)

const KINDS = [
  ['iVBOR', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['UklGR', 'image/webp'],
] as const

/** A data: address; empty for other kinds of files. */
export function srcOf(base64: string): string {
  const [, kind] = KINDS.find(([start]) => base64.startsWith(start)) ?? []
  return kind === undefined ? '' : `data:${kind};base64,${base64}`
}
