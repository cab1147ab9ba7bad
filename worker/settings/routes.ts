import { Hono } from 'hono'
import * as v from 'valibot'
import { RunRetention, SettingsChange, type Settings } from '../../src/lib/contract/settings.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import { allowMethods } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Ports } from '../ports.ts'

/** What the owner may set: how many runs are remembered. */
export function settings(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', owner, async (c) => c.json<Settings>(await ports.settings.read()))
    .put('/', owner, bodyGuard, jsonBody(SettingsChange), async (c) =>
      c.json<Settings>(await ports.settings.keep(c.req.valid('json').kept)),
    )
    .all('/', allowMethods('GET, HEAD, PUT'))
    .get('/kept', owner, async (c) => {
      const over = await ports.settings.countOver(readKept(c.req.query()))
      return c.json<{ over: number }>({ over })
    })
    .all('/kept', allowMethods('GET, HEAD'))
}

function readKept({ runs, megabytes }: Record<string, string>): RunRetention {
  const { success, output, issues } = v.safeParse(RunRetention, {
    runs: Number(runs),
    megabytes: Number(megabytes),
  })
  if (success) return output
  const errors = issues.map((issue) => ({
    path: v.getDotPath(issue) ?? '',
    message: issue.message,
  }))
  throw new HttpProblem(
    'invalid',
    errors.map(({ path, message }) => `${path} ${message}.`).join(' '),
    {
      errors,
    },
  )
}
