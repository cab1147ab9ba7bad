import { Hono } from 'hono'
import {
  TokenRequest,
  type NewTokenInfo,
  type TokenInfo,
  type ParsedTokenRequest,
} from '../../src/lib/contract/access.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import { randomText, sha256, TOKEN_PREFIX } from './credential.ts'
import { allowMethods } from '../http/methods.ts'
import { requires } from './guard.ts'
import { HttpProblem } from '../http/problem.ts'
import type { Ports } from '../ports.ts'
import { DAY_MS } from '../time.ts'
import { randomId } from '../encoding.ts'

const SECRET_BYTES = 32
const ID_CHARS = 8

/** `/api/tokens`: keys for scripts, each with scopes, limits and an expiry date. */
export function tokens(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', owner, async (c) =>
      c.json<{ tokens: TokenInfo[] }>({ tokens: await ports.auth.tokens() }),
    )
    .post('/', owner, bodyGuard, jsonBody(TokenRequest), async (c) =>
      c.json<NewTokenInfo, 201>(await makeToken(ports, c.req.valid('json')), 201),
    )
    .all('/', allowMethods('GET, HEAD, POST'))
    .delete('/:id', owner, async (c) => {
      if (!(await ports.auth.removeToken(c.req.param('id'))))
        throw new HttpProblem('not_found', 'No such token. It may have been revoked.')
      return c.body(null, 204)
    })
    .all('/:id', allowMethods('DELETE'))
}

async function makeToken({ auth }: Ports, request: ParsedTokenRequest): Promise<NewTokenInfo> {
  const { name, scopes, limits, expiresInDays } = request
  const id = randomId(ID_CHARS)
  const token = `${TOKEN_PREFIX}${id}_${randomText(SECRET_BYTES)}`
  const info = await auth.addToken({
    id,
    hash: await sha256(token),
    name,
    scopes: [...new Set(scopes)],
    limits,
    expiresAt: Date.now() + expiresInDays * DAY_MS,
  })
  if (!info)
    throw new HttpProblem(
      'conflict',
      'There are a hundred tokens already. Revoke one that is not used.',
    )
  return { ...info, token }
}
