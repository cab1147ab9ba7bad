import { createMiddleware } from 'hono/factory'
import type { Config } from '../config.ts'
import { isSetUp, notSetUp } from './caller.ts'

/** These report that the deployment is not set up, and serve the pages that show it. */
const OPEN_PATHS: readonly string[] = [
  '/api/health',
  '/api/llm/status',
  '/api/status.txt',
  '/api/badge.svg',
  '/api/badge.json',
  '/api/status',
  '/api/status/brief',
  '/api/session',
]
const READ_METHODS: readonly string[] = ['GET', 'HEAD']

/** A deployment without an owner answers nothing else, not even that a route does not exist. */
export const setupGuard = (config: Config) =>
  createMiddleware(async (c, next) => {
    const isOpen = OPEN_PATHS.includes(c.req.path) && READ_METHODS.includes(c.req.method)
    if (!isSetUp(config) && !isOpen) throw notSetUp()
    await next()
  })
