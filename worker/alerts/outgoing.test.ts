import { describe, expect, test } from 'vitest'
import { readAlertsConfig } from './config.ts'
import { isPushService } from './channels/push.ts'
import { readOutgoing } from './outgoing.ts'

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

describe('addresses of receivers', () => {
  test.each(BAD_DEPLOYED)('a deployment rejects %s as a receiver without repeating it', (text) => {
    const read = readOutgoing('WEBHOOK_URL', text, 'deployed')
    expect(read).toEqual({ fault: expect.stringMatching(/^WEBHOOK_URL (is|must)/) })
    expect(JSON.stringify(read)).not.toContain(text)
  })

  test.each(BAD_EVERYWHERE)('a local server rejects %s as a receiver', (text) => {
    expect(readOutgoing('WEBHOOK_URL', text, 'local')).toHaveProperty('fault')
  })

  test.each(['http://192.168.1.4:8123/hook', 'http://nas.local/ntfy', 'https://a.example/b?c=d'])(
    'a local server accepts %s as a receiver',
    (text) => expect(readOutgoing('WEBHOOK_URL', text, 'local')).toEqual({ url: new URL(text) }),
  )

  test.each([undefined, '', '  '])('an unset receiver (%j) is none', (text) => {
    expect(readOutgoing('WEBHOOK_URL', text, 'deployed')).toBeNull()
  })

  test.each(['https://ntfy.sh', 'https://ntfy.sh/', 'https://ntfy.sh/a/', 'https://ntfy.sh/a%20b'])(
    'an ntfy address without a topic is rejected: %s',
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
  ])('the VAPID keys %j and %j are rejected by name', (VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY) => {
    const { vapid } = readAlertsConfig({ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY }, 'local')
    expect(vapid).toEqual({ fault: expect.stringContaining('VAPID_PUBLIC_KEY') })
  })

  test('two given VAPID keys are used', () => {
    const given = { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey }
    expect(readAlertsConfig(given, 'local').vapid).toEqual({ publicKey, privateKey })
    expect(readAlertsConfig({}, 'local').vapid).toBeNull()
  })
})

describe('push endpoints', () => {
  test.each([
    'https://fcm.googleapis.com/fcm/send/abc',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/abc',
    'https://wns2-par02p.notify.windows.com/w/?token=abc',
  ])('a push endpoint may be %s', (endpoint) =>
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
  ])('a push endpoint may not be %s', (endpoint) =>
    expect(isPushService(endpoint, 'deployed')).toBe(false),
  )

  test('a local server accepts a push endpoint on this machine', () => {
    expect(isPushService('http://127.0.0.1:9/a', 'local')).toBe(true)
    expect(isPushService('http://192.168.1.4/a', 'local')).toBe(false)
  })
})
