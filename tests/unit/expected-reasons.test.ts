import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROVEN_ELSEWHERE } from '../support/workerd/expected-reasons.ts'

const withoutComments = (code: string) => code.replace(/^\s*(\/\/|\/?\*).*$/gm, '')

test.each(Object.entries(PROVEN_ELSEWHERE))(
  'the reason %s, which no fault causes, is expected by a test in %s',
  (reason, file) => {
    expect(withoutComments(readFileSync(file, 'utf8'))).toMatch(new RegExp(`['"]${reason}['"]`))
  },
)
