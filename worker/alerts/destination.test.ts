import { describe, expect, test } from 'vitest'
import { readAlertsConfig } from './config.ts'
import { isPushService } from './channels/push.ts'
import { readDestination } from './destination.ts'

const BAD_EVERYWHERE = [
  'nonsense',
  'ftp://a.example/',
  'javascript:alert(1)',
  'https://me:secret@a.example/',
]
const BAD_DEPLOYED = [
  ...BAD_EVERYWHERE,
  'http://a.example/',
  'https://192.168.1.4/',
  'https://8.8.8.8/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://[::1]/',
  'https://[::ffff:7f00:1]/',
  'https://localhost/',
  'https://localhost./',
  'https://nas/',
  'https://nas.local/',
  'https://metadata.google.internal/',
]

describe('an address that alerts are sent to', () => {
  test.each(BAD_DEPLOYED)(
    'a deployed Porchlight sends no alert to %s, and the fault does not repeat the address',
    (text) => {
      const destination = readDestination('WEBHOOK_URL', text, 'deployed')
      const fault = destination && 'fault' in destination ? destination.fault : ''
      expect(fault).toMatch(/^WEBHOOK_URL (is|must)/)
      expect(fault).not.toContain(text)
    },
  )

  test.each(BAD_EVERYWHERE)('a local Porchlight sends no alert to %s either', (text) => {
    expect(readDestination('WEBHOOK_URL', text, 'local')).toHaveProperty('fault')
  })

  test.each(['http://192.168.1.4:8123/hook', 'http://nas.local/ntfy', 'https://a.example/b?c=d'])(
    'a local Porchlight sends alerts to %s',
    (text) => expect(readDestination('WEBHOOK_URL', text, 'local')).toEqual({ url: new URL(text) }),
  )

  test.each([undefined, '', '  '])('%j means that no address is set', (text) => {
    expect(readDestination('WEBHOOK_URL', text, 'deployed')).toBeNull()
  })

  test.each(['https://ntfy.sh', 'https://ntfy.sh/', 'https://ntfy.sh/a/', 'https://ntfy.sh/a%20b'])(
    'the ntfy address %s is refused, because it has no topic',
    (NTFY_URL) => expect(readAlertsConfig({ NTFY_URL }, 'deployed').ntfy).toHaveProperty('fault'),
  )
})

describe('VAPID keys', () => {
  const publicKey = `B${'a'.repeat(86)}`
  const privateKey = 'b'.repeat(43)

  test.each([
    [publicKey, ''],
    ['', privateKey],
    [publicKey.slice(1), privateKey],
    [publicKey, `${privateKey}==`],
  ])(
    'the public key %s with the private key %s is a fault that names the variables',
    (VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY) => {
      const { vapid } = readAlertsConfig({ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY }, 'local')
      expect(vapid && 'fault' in vapid ? vapid.fault : '').toContain('VAPID_PUBLIC_KEY')
    },
  )

  test('a VAPID key pair is read, and no keys mean none', () => {
    const given = { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey }
    expect(readAlertsConfig(given, 'local').vapid).toEqual({ publicKey, privateKey })
    expect(readAlertsConfig({}, 'local').vapid).toBeNull()
  })
})

describe('a push endpoint', () => {
  test.each([
    'https://fcm.googleapis.com/fcm/send/abc',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/abc',
    'https://wns2-par02p.notify.windows.com/w/?token=abc',
  ])('the push endpoint %s is accepted', (endpoint) =>
    expect(isPushService(endpoint, 'deployed')).toBe(true),
  )

  test.each([
    'nonsense',
    'http://fcm.googleapis.com/fcm/send/abc',
    'https://fcm.googleapis.com.evil.example/a',
    'https://evilfcm.googleapis.com/a',
    'https://push.apple.com.evil.example/a',
    'https://evilpush.apple.com/a',
    'https://fcm.googleapis.com:8443/a',
    'https://fcm.googleapis.com@evil.example/a',
    'https://evil.example/fcm.googleapis.com',
    'http://127.0.0.1:9/a',
    'https://localhost/a',
  ])('the push endpoint %s is refused', (endpoint) =>
    expect(isPushService(endpoint, 'deployed')).toBe(false),
  )

  test('only a local Porchlight accepts a push endpoint on the same machine', () => {
    expect(isPushService('http://127.0.0.1:9/a', 'local')).toBe(true)
    expect(isPushService('http://192.168.1.4/a', 'local')).toBe(false)
  })
})
