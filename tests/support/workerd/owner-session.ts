import { inject } from 'vitest'
import type { NewTokenInfo, Scope, TokenLimits } from '../../../src/lib/contract/access.ts'
import { post, worker } from './client.ts'

/** Its SHA-256 is in the environment of this project (vitest.config.ts). */
export const KEY = inject('ownerKey')

/** The header of a request from our own page. */
export const OURS = { 'Sec-Fetch-Site': 'same-origin' }

export const cookieIn = (response: Response) =>
  response.headers.get('set-cookie')?.split(';')[0] ?? ''

export const enter = (shown: object, headers: Record<string, string> = {}) =>
  worker('/api/session', post(shown, { 'X-Forwarded-For': randomAddress(), ...headers }))

/** Failed sign-ins count by address, and tests must not slow down each other. */
const randomAddress = () => `10.${[1, 2, 3].map(() => Math.floor(Math.random() * 256)).join('.')}`

/** A browser that is signed in: every request carries its cookie and shows that it comes from our page. */
export async function signedIn(shown: object = { key: KEY }) {
  const Cookie = cookieIn(await enter(shown))
  return (path: string, init: RequestInit = {}, says: Record<string, string> = OURS) =>
    worker(path, {
      ...init,
      headers: { Cookie, ...says, ...(init.headers as Record<string, string>) },
    })
}

/** Tests send more requests per minute than any script. */
const BUSY = { requestsPerMinute: 6000 }

export async function newToken(
  scopes: Scope[],
  limits: Partial<TokenLimits> = BUSY,
): Promise<NewTokenInfo> {
  const browser = await signedIn()
  return (
    await browser('/api/tokens', post({ name: 'a script', scopes, limits }))
  ).json<NewTokenInfo>()
}

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
