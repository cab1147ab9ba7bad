import { expect, test } from 'vitest'
import { RESOLUTIONS } from '../../src/lib/contract/history.ts'
import { historyOf } from './history-response.ts'
import {
  emptyHour,
  MINUTES_PER_HOUR,
  rollUp,
  setMinute,
  mergeRollUps,
  type RollUp,
} from './roll-up.ts'

function dayOfChecks(ms: number): RollUp {
  let hour = emptyHour()
  for (let minute = 0; minute < MINUTES_PER_HOUR; minute++)
    hour = setMinute(hour, minute, 'up', ms, null)
  return mergeRollUps(Array.from({ length: 24 }, () => rollUp(hour)))
}

test('one slow day does not change the median of 46 days whose checks took 55 ms', () => {
  const [stable, slow] = [dayOfChecks(55), dayOfChecks(1950)]
  const days = 47
  const { all } = historyOf('day', 0, days * RESOLUTIONS.day, (nth) => ({
    rollUp: nth === 0 ? slow : stable,
  }))
  expect(all.p50).toBeGreaterThan(46)
  expect(all.p50).toBeLessThan(65)
})
