import type { Starter } from '../../src/lib/contract/access.ts'

/** A starter as the database stores it. */
export function starterKey(starter: Starter): string {
  if (starter.lane === 'owner') return 'owner'
  const { lane, id } = starter
  return lane === 'guest' ? `${lane}:${id}:${starter.ticket}` : `${lane}:${id}`
}

export function starterFrom(key: string): Starter {
  const [lane, id = '', ticket = ''] = key.split(':')
  if (lane === 'guest') return { lane, id, ticket }
  return lane === 'token' ? { lane, id } : { lane: 'owner' }
}
