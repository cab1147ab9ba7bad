import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Lane } from '../../src/lib/contract/access.ts'
import { Queue } from './queue.ts'

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => vi.useRealTimers())

/** Enters callers by name and records what happens to them. */
function lineAt(queue: Queue) {
  const seen: string[] = []
  const enter = (name: string, lane: Lane) =>
    queue.enter({
      lane,
      id: name,
      model: 'm',
      onSlot: () => seen.push(`${name} goes`),
      onPlace: (place) => seen.push(`${name} is ${place}`),
      onPreempted: () => seen.push(`${name} leaves`),
    })
  return { seen, enter }
}

describe('queue', () => {
  test('the queue serves the owner first, then tokens, then guests, each in order of arrival', () => {
    const queue = new Queue(1)
    const { seen, enter } = lineAt(queue)
    const leaves = [enter('t1', 'token')]
    for (const [name, lane] of [
      ['g1', 'guest'],
      ['t2', 'token'],
      ['o1', 'owner'],
      ['t3', 'token'],
      ['o2', 'owner'],
    ] as const)
      leaves.push(enter(name, lane))
    expect(queue.list().map(({ id, place }) => `${id} ${place}`)).toEqual([
      't1 0',
      'o1 1',
      'o2 2',
      't2 3',
      't3 4',
      'g1 5',
    ])
    for (const name of ['t1', 'o1', 'o2', 't2', 't3'])
      leaves[['t1', 'g1', 't2', 'o1', 't3', 'o2'].indexOf(name)]?.()
    expect(seen.filter((line) => line.endsWith('goes'))).toEqual(
      ['t1', 'o1', 'o2', 't2', 't3'].map((name) => `${name} goes`),
    )
    vi.advanceTimersByTime(30_000)
    expect(seen.at(-1)).toBe('g1 goes')
  })

  test('the queue reports new places when someone joins or leaves', () => {
    const queue = new Queue(1)
    const { seen, enter } = lineAt(queue)
    enter('t1', 'token')
    enter('g1', 'guest')
    const leave = enter('t2', 'token')
    leave()
    leave()
    expect(seen).toEqual(['t1 goes', 'g1 is 1', 't2 is 1', 'g1 is 2', 'g1 is 1'])
  })

  test('a guest’s turn ends before the owner’s begins', () => {
    const { seen, enter } = lineAt(new Queue(1))
    const leave = enter('g1', 'guest')
    const leaveOwner = enter('o1', 'owner')
    leave()
    expect(seen).toEqual(['g1 goes', 'g1 leaves', 'o1 goes'])
    enter('o2', 'owner')
    leaveOwner()
    expect(seen.at(-1)).toBe('o2 goes')
  })

  test('no guest gets a turn during an owner’s turn or within 30 s after it', () => {
    const { seen, enter } = lineAt(new Queue(2))
    const leave = enter('o1', 'owner')
    enter('g1', 'guest')
    vi.advanceTimersByTime(100_000)
    expect(seen).toEqual(['o1 goes', 'g1 is 1'])
    leave()
    vi.advanceTimersByTime(29_999)
    expect(seen).toHaveLength(2)
    vi.advanceTimersByTime(1)
    expect(seen.at(-1)).toBe('g1 goes')
  })

  test('the queue remembers the owner’s last activity across a restart', () => {
    const { seen, enter } = lineAt(new Queue(1, Date.now() - 10_000))
    enter('g1', 'guest')
    vi.advanceTimersByTime(19_999)
    expect(seen).toEqual(['g1 is 1'])
    vi.advanceTimersByTime(1)
    expect(seen.at(-1)).toBe('g1 goes')
  })

  test('only one guest at a time gets a turn, whatever the parallel limit', () => {
    const { seen, enter } = lineAt(new Queue(3))
    enter('t1', 'token')
    const leave = enter('g1', 'guest')
    enter('g2', 'guest')
    expect(seen).toEqual(['t1 goes', 'g1 goes', 'g2 is 1'])
    leave()
    expect(seen.at(-1)).toBe('g2 goes')
  })

  test('a higher parallel limit applies at once, and a lower one interrupts no turn', () => {
    const queue = new Queue(1)
    const { seen, enter } = lineAt(queue)
    const leaves = ['o1', 'o2', 'o3'].map((name) => enter(name, 'owner'))
    queue.atOnce = 2
    expect(seen.filter((line) => line.endsWith('goes'))).toEqual(['o1 goes', 'o2 goes'])
    queue.atOnce = 1
    leaves[0]?.()
    expect(seen).not.toContain('o3 goes')
    leaves[1]?.()
    expect(seen.at(-1)).toBe('o3 goes')
  })

  test('the queue is full for guests before it is full for the owner', () => {
    const queue = new Queue(1)
    const { enter } = lineAt(queue)
    enter('o1', 'owner')
    for (let nth = 0; nth < 5; nth++) enter(`g${nth}`, 'guest')
    expect((['owner', 'token', 'guest'] as const).map((lane) => queue.isFull(lane))).toEqual([
      false,
      false,
      true,
    ])
  })
})
