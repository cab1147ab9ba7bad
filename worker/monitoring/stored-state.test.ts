import { expect, test } from 'vitest'
import { NEW_STATE } from './state.ts'
import { parseState, serializeState } from './stored-state.ts'

test('the names of the stored monitor state do not change with the names in the code', () => {
  expect(Object.keys(JSON.parse(serializeState(NEW_STATE)) as object)).toEqual([
    'at',
    'seenAt',
    'settled',
    'since',
    'suspected',
    'doubts',
    'good',
    'goodSince',
    'recent',
    'silent',
    'turns',
    'falls',
    'incident',
    'incidents',
    'failing',
    'news',
  ])
})

test('a stored state is read as it was written', () => {
  const state = { ...NEW_STATE, home: 'down' as const, passes: 1, recent: 'gp' }
  expect(parseState(serializeState(state))).toEqual(state)
})

test('a state that an older version stored gets the fields that it lacks', () => {
  expect(parseState('{"settled":"up","good":2}')).toEqual({ ...NEW_STATE, home: 'up', passes: 2 })
})
