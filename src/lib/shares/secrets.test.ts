import { expect, test } from 'vitest'
import { suspectsIn } from './secrets.ts'

const kindsIn = (text: string) => suspectsIn({ prompt: text }).map(({ what }) => what)

test.each([
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE', 'a private key'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----', 'a private key'],
  ['use sk-proj-abcdefghijklmnopqrstuvwx please', 'an API key'],
  [`token ghp_${'a'.repeat(36)}`, 'an API key'],
  ['AKIAIOSFODNN7EXAMPLE', 'an API key'],
  ['Authorization: Bearer abcdefghijklmnop1234', 'a token'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig', 'a token'],
  ['password = hunter22', 'a password'],
  ['postgres://me:geheim@db/x', 'a link with a login'],
  ['write to ada@example.org', 'an e-mail address'],
  ['ssh 192.168.1.20', 'an IP address'],
  ['ping 2001:db8:85a3:0:0:8a2e:370:7334', 'an IP address'],
  ['open /home/ada/notes.txt', 'a path of a home folder'],
  ['C:\\Users\\ada\\x', 'a path of a home folder'],
])('a share warns that %j looks like %s', (text, what) => {
  expect(kindsIn(text)).toContain(what)
})

test.each([
  'Write a small function that retries a request.',
  'Version 0.12.11, at 12:30:45',
  '1.2.3 and 3.14',
  'sk-short',
  'The password is not shown.',
])('a share does not warn about %j', (text) => {
  expect(kindsIn(text)).toEqual([])
})

test('a warning about a secret names the part of the run and shows only the beginning of the secret', () => {
  expect(suspectsIn({ answer: 'Mail ada.lovelace@example.org' })).toEqual([
    { what: 'an e-mail address', where: 'answer', hint: 'ada.love…' },
  ])
})
