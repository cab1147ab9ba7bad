import { describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'

describe('the configuration', () => {
  test('an empty environment means a local server without a home', () => {
    expect(readConfig({})).toMatchObject({
      runtime: 'local',
      home: { fault: 'url_missing' },
      wanted: [],
      hasOwner: false,
      publicStatus: 'cause',
      dohUrl: null,
    })
  })

  test('OLLAMA_MODELS is a list whose first model is the default', () => {
    expect(readConfig({ OLLAMA_MODELS: ' llama3.2, mistral ,' }).wanted).toEqual([
      'llama3.2',
      'mistral',
    ])
  })

  test('credentials become the headers that tunnels read', () => {
    const { credentials } = readConfig({
      CF_ACCESS_CLIENT_ID: 'id',
      CF_ACCESS_CLIENT_SECRET: 'secret',
      OLLAMA_AUTHORIZATION: ' ',
    })
    expect(credentials).toEqual({
      'CF-Access-Client-Id': 'id',
      'CF-Access-Client-Secret': 'secret',
    })
  })

  test('only a deployed Worker uses a public resolver', () => {
    expect(readConfig({ RUNTIME: 'deployed' }).dohUrl).toMatch(/^https:/)
    expect(readConfig({ RUNTIME: 'local', DOH_URL: 'http://127.0.0.1:1/x' }).dohUrl).toBe(
      'http://127.0.0.1:1/x',
    )
  })

  test.each([
    [undefined, 'cause'],
    [' ', 'cause'],
    [' State ', 'state'],
    ['OFF', 'off'],
    ['private', 'off'],
  ])('PUBLIC_STATUS=%s means %s', (PUBLIC_STATUS, read) => {
    expect(readConfig({ PUBLIC_STATUS }).publicStatus).toBe(read)
  })

  test('a malformed OWNER_KEY_HASH counts as a key that nothing matches', () => {
    expect(readConfig({ OWNER_KEY_HASH: 'oops' }).hasOwner).toBe(true)
  })
})
