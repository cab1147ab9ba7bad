import { expect, test } from 'vitest'
import { RESOLUTIONS } from '../../src/lib/contract/history.ts'
import { columnsOf } from './history-response.ts'
import { emptyHour, MINUTES, rollUp, setMinute, sumUp, type Roll } from './roll-up.ts'

function dayOfChecks(ms: number): Roll {
  let hour = emptyHour()
  for (let minute = 0; minute < MINUTES; minute++) hour = setMinute(hour, minute, 'up', ms, null)
  return sumUp(Array.from({ length: 24 }, () => rollUp(hour)))
}

test('one slow day does not change the median of 46 days whose checks took 55 ms', () => {
  const [stable, slow] = [dayOfChecks(55), dayOfChecks(1950)]
  const days = 47
  const { all } = columnsOf('day', 0, days * RESOLUTIONS.day, (nth) => ({
    roll: nth === 0 ? slow : stable,
  }))
  expect(all.p50).toBeGreaterThan(46)
  expect(all.p50).toBeLessThan(65)
})
