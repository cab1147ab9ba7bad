import { hc } from 'hono/client'
import type { Api } from '../../worker/api.ts'

/** The worker as typed functions: the single crossing between page and worker. */
export const api = hc<Api>('/')
