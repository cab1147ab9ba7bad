import { IMAGES_BODY_LIMIT, BODY_LIMIT } from '../contract/generate.ts'

/** An image as it is sent: its bytes as base64, and what it is called here. */
export interface Picture {
  name: string
  base64: string
  width: number
  height: number
}

/** Pixels of the longer side. Models that see scale an image down further by themselves. */
export const LONGEST_SIDE = 1600
/** Characters of base64 that fit beside the text. */
export const MOST_BASE64 = IMAGES_BODY_LIMIT - BODY_LIMIT
/** Characters of base64 that are kept on this device beside the text of the draft. */
export const MOST_KEPT = 3_000_000

/** The size in which an image is sent: as it is, or scaled so that its longer side is `longest`. Pixels. */
export function fitInto(width: number, height: number, longest = LONGEST_SIDE) {
  const scale = Math.min(1, longest / Math.max(width, height, 1))
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  }
}

/** Bytes behind a base64 text. */
export const bytesOf = (base64: string) =>
  Math.floor((base64.length * 3) / 4) - (/=*$/.exec(base64)?.[0].length ?? 0)

const KINDS = [
  ['iVBOR', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['UklGR', 'image/webp'],
] as const

/** As an address that a browser shows; what is none of the kinds is not shown. */
export function srcOf(base64: string): string {
  const [, kind] = KINDS.find(([start]) => base64.startsWith(start)) ?? []
  return kind === undefined ? '' : `data:${kind};base64,${base64}`
}
