import { encryptNotification } from '@block65/webcrypto-web-push'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { decrypt, makeBrowserKeys } from '../support/browser-keys.ts'

/** The example of RFC 8291, section 5 and appendix A. */
const RFC = {
  text: 'When I grow up, I want to be a watermelon',
  senderPublic:
    'BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8',
  senderPrivate: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  browserPublic:
    'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  browserPrivate: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  message:
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
} as const

const bytes = (text: string) => Buffer.from(text, 'base64url')

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a push message', () => {
  test('our test decryption reads the example of RFC 8291', () => {
    const keys = {
      privateKey: bytes(RFC.browserPrivate),
      publicKey: bytes(RFC.browserPublic),
      auth: bytes(RFC.auth),
    }
    expect(decrypt(bytes(RFC.message), keys)).toBe(RFC.text)
  })

  test('a push with the random numbers of RFC 8291 equals its example byte for byte', async () => {
    const pair = await senderPair()
    vi.spyOn(crypto.subtle, 'generateKey').mockResolvedValue(pair)
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
      bytes(RFC.salt).copy(array as unknown as Uint8Array)
      return array
    })
    const subscription = {
      endpoint: 'https://push.example/1',
      expirationTime: null,
      keys: { p256dh: RFC.browserPublic, auth: RFC.auth },
    }
    const message = await encryptNotification(subscription, Buffer.from(RFC.text), { pad: false })
    expect(Buffer.from(message).toString('base64url')).toBe(RFC.message)
  })

  test('a push message cannot be decrypted by another browser', async () => {
    expect(() => decrypt(bytes(RFC.message), makeBrowserKeys())).toThrow()
  })
})

async function senderPair(): Promise<CryptoKeyPair> {
  const point = bytes(RFC.senderPublic)
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) =>
    half.toString('base64url'),
  )
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
  const jwk = { kty: 'EC', crv: 'P-256', x, y }
  return {
    publicKey: await crypto.subtle.importKey('jwk', jwk, algorithm, true, []),
    privateKey: await crypto.subtle.importKey(
      'jwk',
      { ...jwk, d: RFC.senderPrivate },
      algorithm,
      false,
      ['deriveBits'],
    ),
  }
}
