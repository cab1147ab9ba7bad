import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { expect } from 'vitest'
import type { OpenedShare, ShareInfo } from '../../../src/lib/contract/shares.ts'
import { post, worker } from './client.ts'
import { runTo, start } from './runs.ts'

export const home = () => env.HOME.get(env.HOME.idFromName('home'))

export interface Link {
  id: string
  secret: string
}

export async function finishedRun(recipe: object = { prompt: 'Count to 3' }): Promise<string> {
  const { id } = await start(recipe)
  await runTo(id, 'done')
  return id
}

export async function share(body: object = {}, recipe?: object): Promise<Link> {
  const response = await worker('/api/shares', post({ runs: [await finishedRun(recipe)], ...body }))
  expect(response.status).toBe(201)
  const { id, url } = await response.json<{ id: string; url: string }>()
  return { id, secret: new URL(url).hash.slice(1) }
}

export const knock = (id: string, secret: string, headers: Record<string, string> = {}) =>
  worker(`/api/shares/${id}/open`, post({ secret }, headers))
export const open = async ({ id, secret }: Link) => (await knock(id, secret)).json<OpenedShare>()
export const guestHeaders = (ticket: string, more: Record<string, string> = {}) => ({
  Authorization: `Bearer ${ticket}`,
  ...more,
})
export const rerun = (
  id: string,
  ticket: string,
  body: object = {},
  more: Record<string, string> = {},
) => worker(`/api/shares/${id}/runs`, post(body, guestHeaders(ticket, more)))
export const revoke = (id: string) => worker(`/api/shares/${id}`, { method: 'DELETE' })
export const listed = async (id: string) => {
  const { shares } = await (await worker('/api/shares')).json<{ shares: ShareInfo[] }>()
  return shares.find((one) => one.id === id)
}
export const expire = (id: string) =>
  runInDurableObject(home(), (_home, { storage: { sql } }) => {
    sql.exec('UPDATE share SET expires_at = 1 WHERE id = ?', id)
  })

/** Makes the owner's last activity long ago and restarts the object, so that no guest waits for the owner. */
export async function ownerIsAway() {
  const restart = runInDurableObject(home(), async (_home, ctx) => {
    ctx.storage.sql.exec("UPDATE run SET created_at = 1, ended_at = 1 WHERE lane = 'owner'")
    await ctx.storage.sync()
    ctx.abort('restarted')
  })
  await restart.catch(() => undefined)
}
