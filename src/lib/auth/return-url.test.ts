import { expect, test } from 'vitest'
import { returnPath } from './return-url.ts'

test.each([
  ['/settings', '/settings'],
  ['/runs/abc', '/runs/abc'],
  ['', '/llm-test'],
  ['//evil.example/x', '/llm-test'],
  ['/\\evil.example', '/llm-test'],
  ['https://evil.example', '/llm-test'],
  ['javascript:alert(1)', '/llm-test'],
  ['/sign-in', '/llm-test'],
  ['/\t/evil.example', '/llm-test'],
])('a sign-in with ?to=%j returns to %s', (to, path) => {
  expect(returnPath(new URL(`https://home.example/sign-in?to=${encodeURIComponent(to)}`))).toBe(
    path,
  )
})
