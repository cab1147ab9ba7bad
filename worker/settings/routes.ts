import { Hono } from 'hono'
import * as v from 'valibot'
import { RunRetention, SettingsChange, type Settings } from '../../src/lib/contract/settings.ts'
import { requires } from '../auth/guard.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import { allowMethods } from '../http/methods.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Ports } from '../ports.ts'

/** `/api/settings`: how many runs are retained. */
export function settings(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', owner, async (c) => c.json<Settings>(await ports.settings.read()))
    .put('/', owner, bodyGuard, jsonBody(SettingsChange), async (c) =>
      c.json<Settings>(await ports.settings.setRetention(c.req.valid('json').kept)),
    )
    .all('/', allowMethods('GET, HEAD, PUT'))
    .get('/kept', owner, async (c) => {
      const over = await ports.settings.countExcess(readLimits(c.req.query()))
      return c.json<{ over: number }>({ over })
    })
    .all('/kept', allowMethods('GET, HEAD'))
}

function readLimits({ runs, megabytes }: Record<string, string>): RunRetention {
  const limits = v.safeParse(RunRetention, { runs: Number(runs), megabytes: Number(megabytes) })
  if (limits.success) return limits.output
  const errors = limits.issues.map((issue) => ({
    path: v.getDotPath(issue) ?? '',
    message: issue.message,
  }))
  const detail = errors.map(({ path, message }) => `${path} ${message}.`).join(' ')
  throw new HttpProblem('invalid', detail, { errors })
}
