import { fitInto, MOST_BASE64, type Picture } from './image-limits'

/** Above this a lossless picture costs more than it is worth. Bytes. */
const MOST_PNG = 1_000_000
const QUALITY = 0.85

/** Why an image was not taken, in words for a person. */
export class NotTaken extends Error {}

/**
 * A file as it is sent: decoded by this browser, scaled down and drawn anew, which leaves out whatever else was in the file,
 * such as the place where a photo was taken. Throws `NotTaken`.
 */
export async function shrink(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file).catch(() => refuse(file))
  const { width, height } = fitInto(bitmap.width, bitmap.height)
  const canvas = document.createElement('canvas')
  Object.assign(canvas, { width, height })
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, width, height)
  bitmap.close()
  const blob = await encode(canvas, file.type)
  const base64 = toBase64(new Uint8Array(await blob.arrayBuffer()))
  if (base64.length > MOST_BASE64)
    throw new NotTaken(`${file.name} is too large, also when scaled down.`)
  return { name: file.name || 'Pasted image', base64, width, height }
}

/** Screenshots stay sharp; photos, and what would be large, become JPEG. Every model that sees reads both. */
async function encode(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  const png = type === 'image/png' ? await toBlob(canvas, 'image/png') : null
  if (png !== null && png.size <= MOST_PNG) return png
  const ground = canvas.getContext('2d')
  if (ground) {
    // JPEG has no transparency: what was see-through would be black.
    ground.globalCompositeOperation = 'destination-over'
    ground.fillStyle = '#fff'
    ground.fillRect(0, 0, canvas.width, canvas.height)
  }
  return toBlob(canvas, 'image/jpeg')
}

const toBlob = (canvas: HTMLCanvasElement, type: string) =>
  new Promise<Blob>((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new NotTaken('The image has no size.'))),
      type,
      QUALITY,
    ),
  )

function refuse({ name, type }: File): never {
  const isHeic = /hei[cf]$/i.test(type) || /\.hei[cf]$/i.test(name)
  throw new NotTaken(
    isHeic
      ? `This browser cannot read ${name}: HEIC opens in Safari. Send it as JPEG; on an iPhone, Settings, Camera, Formats, Most Compatible.`
      : `This browser cannot read ${name || 'that'} as an image. PNG, JPEG and WebP can be sent.`,
  )
}

/** In pieces: an argument list has an end. */
function toBase64(bytes: Uint8Array): string {
  const PIECE = 0x8000
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return btoa(text)
}
