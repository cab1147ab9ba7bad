import { fitInto, MAX_BASE64, type Picture } from './image-limits'

/** Larger images are sent as JPEG. */
const MAX_PNG_BYTES = 1_000_000
const QUALITY = 0.85

/** The message is for the person who chose the image. */
export class ImageError extends Error {}

/**
 * Decodes, scales down and redraws an image file. Redrawing drops all metadata, such as the location of a photo. Throws
 * `ImageError`.
 */
export async function shrink(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file).catch(() => refuse(file))
  const { width, height } = fitInto(bitmap.width, bitmap.height)
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  const blob = await encode(canvas, file.type)
  const base64 = toBase64(new Uint8Array(await blob.arrayBuffer()))
  if (base64.length > MAX_BASE64)
    throw new ImageError(`${file.name} is too large, even when scaled down.`)
  return { name: file.name || 'Pasted image', base64, width, height }
}

/** Screenshots stay lossless. Photos and large images become JPEG. Every vision model reads both. */
async function encode(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  const png = type === 'image/png' ? await toBlob(canvas, 'image/png') : null
  if (png !== null && png.size <= MAX_PNG_BYTES) return png
  const context = canvas.getContext('2d')
  if (context) {
    // JPEG has no transparency: without a background, transparent parts would turn black.
    context.globalCompositeOperation = 'destination-over'
    context.fillStyle = '#fff'
    context.fillRect(0, 0, canvas.width, canvas.height)
  }
  return toBlob(canvas, 'image/jpeg')
}

const toBlob = (canvas: HTMLCanvasElement, type: string) =>
  new Promise<Blob>((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new ImageError('The image has no size.'))),
      type,
      QUALITY,
    ),
  )

function refuse({ name, type }: File): never {
  const isHeic = /hei[cf]$/i.test(type) || /\.hei[cf]$/i.test(name)
  throw new ImageError(
    isHeic
      ? `This browser cannot read ${name}: only Safari opens HEIC. Use JPEG instead; on an iPhone, choose Settings, Camera, Formats, Most Compatible.`
      : `This browser cannot read ${name || 'this file'} as an image. Use PNG, JPEG or WebP.`,
  )
}

/** In pieces, because argument lists are limited. */
function toBase64(bytes: Uint8Array): string {
  const PIECE = 0x8000
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return btoa(text)
}
