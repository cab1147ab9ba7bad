import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'

/** What a browser keeps of its push subscription. */
export interface BrowserKeys {
  privateKey: Buffer
  publicKey: Buffer
  auth: Buffer
}

export function makeBrowserKeys(): BrowserKeys {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  return { privateKey: pair.getPrivateKey(), publicKey: pair.getPublicKey(), auth: randomBytes(16) }
}

const HEADER_BYTES = 21
const TAG_BYTES = 16

/** Reads a push message as the browser it was meant for does (RFC 8291, one record of RFC 8188). Throws if it was meant for another. */
export function decrypt(message: Buffer, { privateKey, publicKey, auth }: BrowserKeys): string {
  const salt = message.subarray(0, 16)
  const sender = message.subarray(HEADER_BYTES, HEADER_BYTES + (message[20] ?? 0))
  const record = message.subarray(HEADER_BYTES + sender.length)
  const pair = createECDH('prime256v1')
  pair.setPrivateKey(privateKey)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), publicKey, sender])
  const secret = hkdfSync('sha256', pair.computeSecret(sender), auth, info, 32)
  const derive = (name: string, bytes: number) =>
    Buffer.from(
      hkdfSync(
        'sha256',
        Buffer.from(secret),
        salt,
        Buffer.from(`Content-Encoding: ${name}\0`),
        bytes,
      ),
    )
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
  decipher.setAuthTag(record.subarray(-TAG_BYTES))
  const padded = Buffer.concat([decipher.update(record.subarray(0, -TAG_BYTES)), decipher.final()])
  const end = padded.lastIndexOf(2)
  if (end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0))
    throw new Error('no delimiter of the last record')
  return padded.subarray(0, end).toString()
}
