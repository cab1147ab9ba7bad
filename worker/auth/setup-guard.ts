import { createMiddleware } from 'hono/factory'
import type { Config } from '../config.ts'
import { isUnowned, notSetUp } from './caller.ts'

/** What says that nothing is set up, and what the pages that say so are made of. */
const OPEN: readonly string[] = [
  '/api/health',
  '/api/llm/status',
  '/api/status.txt',
  '/api/badge.svg',
  '/api/badge.json',
  '/api/status',
  '/api/status/brief',
  '/api/session',
]
const READING: readonly string[] = ['GET', 'HEAD']

/** Deployed without an owner, nothing else answers: not even that a route is not there. */
export const setupGuard = (config: Config) =>
  createMiddleware(async (c, next) => {
    const isOpen = OPEN.includes(c.req.path) && READING.includes(c.req.method)
    if (isUnowned(config) && !isOpen) throw notSetUp()
    await next()
  })
