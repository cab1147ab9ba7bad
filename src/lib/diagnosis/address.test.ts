import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAddress, reachOf } from './address.ts'

describe('address of the home', () => {
  test.each([
    ['https://home.example', 'https://home.example'],
    ['https://home.example/', 'https://home.example'],
    ['  http://127.0.0.1:11434\n', 'http://127.0.0.1:11434'],
    ['HTTPS://Home.Example:8443', 'https://home.example:8443'],
    ['http://[::1]:11434', 'http://[::1]:11434'],
  ])('the OLLAMA_URL %j is used as %s', (value, origin) => {
    expect(readAddress(value)).toMatchObject({ origin })
  })

  test.each([
    [undefined, 'url_missing'],
    ['   ', 'url_missing'],
    ['undefined', 'url_missing'],
    ['"https://home.example"', 'url_quoted'],
    ["'https://home.example'", 'url_quoted'],
    ['https://home.example"', 'url_quoted'],
    ['localhost:11434', 'url_without_scheme'],
    ['home.example', 'url_without_scheme'],
    ['ftp://home.example', 'url_unknown_scheme'],
    ['ws://home.example', 'url_unknown_scheme'],
    ['https://me:secret@home.example', 'url_with_credentials'],
    ['https://home.example/v1', 'url_with_path'],
    ['https://home.example/api/chat', 'url_with_path'],
    ['https://home.example/?x=1', 'url_with_path'],
    ['https://home.example#x', 'url_with_path'],
    ['https://', 'url_malformed'],
    ['http://home.example:99999', 'url_malformed'],
    ['https://home example', 'url_malformed'],
  ])('the OLLAMA_URL %j is rejected with the reason %s', (value, fault) => {
    expect(readAddress(value)).toEqual({ fault })
  })

  test('no text makes the address parser throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((text) => `https://${text}`),
        ),
        (text) => void readAddress(text),
      ),
    )
  })

  test.each([
    ['home.example', 'public'],
    ['localhost', 'loopback'],
    ['app.localhost', 'loopback'],
    ['127.8.9.1', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['[::1]', 'loopback'],
    ['[::ffff:7f00:1]', 'loopback'],
    ['192.168.1.5', 'private'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'public'],
    ['169.254.1.1', 'private'],
    ['[fd00::1]', 'private'],
    ['[fe80::1]', 'private'],
    ['[2606:4700::1]', 'public'],
    ['ollama', 'single_label'],
    ['host.docker.internal', 'home_name'],
    ['nas.local', 'home_name'],
    ['nas.home.arpa', 'home_name'],
  ])('the host %s has the reach %s', (host, reach) => expect(reachOf(host)).toBe(reach))
})
