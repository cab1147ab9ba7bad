import { describe, expect, test } from 'vitest'
import { SCOPES, type Scope } from '../../../src/lib/contract/access.ts'
import { createApi } from '../../../worker/api.ts'
import type { Ports } from '../../../worker/ports.ts'
import { readConfig } from '../../../worker/config.ts'
import { post, worker, withHeaders } from '../../support/workerd/client.ts'
import { bearer, newToken, OURS, signedIn } from '../../support/workerd/owner-session.ts'

/** Who may use each route; a missing route fails the tests. `nobody`: it is switched off (ALLOW_MODEL_ADMIN), or needs a ticket. */
const WHO = {
  'GET /healthz': 'anyone',
  'GET /api/health': 'anyone',
  'GET /api/health?fresh=1': 'status:read',
  'GET /api/health?model=llama3.2': 'status:read',
  'GET /api/health?deep=1': 'runs:write',
  'GET /api/llm': 'anyone',
  'GET /api/llm/status': 'anyone',
  'GET /api/llm/models': 'models:read',
  'POST /api/llm/generate': 'owner',
  'POST /api/runs': 'runs:write',
  'GET /api/runs': 'owner',
  'GET /api/runs/export': 'owner',
  'GET /api/runs/:id': 'runs:write',
  'DELETE /api/runs/:id': 'owner',
  'GET /api/runs/:id/events': 'runs:write',
  'POST /api/runs/:id/stop': 'runs:write',
  'GET /api/exposure': 'owner',
  'POST /api/exposure/hide': 'owner',
  'GET /api/history': 'owner',
  'GET /api/history?res=day': 'anyone',
  'GET /api/incidents': 'status:read',
  'GET /api/incidents/failures': 'owner',
  'GET /api/monitor': 'owner',
  'GET /api/status': 'anyone',
  'GET /api/status/brief': 'anyone',
  'GET /api/status.txt': 'anyone',
  'GET /api/status/flat': 'status:read',
  'GET /api/badge.svg': 'anyone',
  'GET /api/badge.json': 'anyone',
  'GET /api/v2/summary.json': 'anyone',
  'GET /api/queue': 'owner',
  'PUT /api/queue': 'owner',
  'GET /api/loaded': 'owner',
  'POST /api/warm': 'owner',
  'DELETE /api/warm': 'owner',
  'POST /api/unload': 'owner',
  'GET /api/models': 'owner',
  'POST /api/models/pull': 'nobody',
  'POST /api/models/copy': 'nobody',
  'DELETE /api/models/:name{.+}': 'nobody',
  'GET /api/alerts': 'owner',
  'PUT /api/alerts': 'owner',
  'POST /api/alerts/test': 'owner',
  'GET /api/alerts/key': 'owner',
  'POST /api/alerts/subscriptions': 'owner',
  'DELETE /api/alerts/subscriptions': 'owner',
  'GET /api/settings': 'owner',
  'PUT /api/settings': 'owner',
  'GET /api/settings/kept': 'owner',
  'GET /api/shares': 'owner',
  'POST /api/shares': 'owner',
  'PATCH /api/shares/:id': 'owner',
  'DELETE /api/shares/:id': 'owner',
  'POST /api/shares/:id/open': 'anyone',
  'GET /api/shares/:id/title': 'anyone',
  'POST /api/shares/:id/runs': 'nobody',
  'GET /api/shares/:id/pass': 'nobody',
  'GET /v1/models': 'v1',
  'GET /v1/models/:id{.+}': 'v1',
  'POST /v1/chat/completions': 'v1',
  'POST /v1/embeddings': 'v1',
  'GET /api/session': 'anyone',
  'POST /api/session': 'anyone',
  'DELETE /api/session': 'anyone',
  'POST /api/session/codes': 'owner',
  'GET /api/sessions': 'owner',
  'DELETE /api/sessions': 'owner',
  'DELETE /api/sessions/:id': 'owner',
  'GET /api/tokens': 'owner',
  'POST /api/tokens': 'owner',
  'DELETE /api/tokens/:id': 'owner',
} as const satisfies Record<string, Scope | 'owner' | 'anyone' | 'nobody'>

/** GETs that stream or send requests to the home: they need more than a cookie. */
const PROBES = new Set<string>([
  'GET /api/health?fresh=1',
  'GET /api/health?model=llama3.2',
  'GET /api/health?deep=1',
  'GET /api/llm/models',
  'GET /api/exposure',
  'GET /api/models',
  'GET /api/loaded',
  'GET /api/runs/:id/events',
  'GET /api/runs/export',
])

/** Routes for other sites: they return what a stranger may see, to every caller. */
const SHOWN_ELSEWHERE = new Set<string>([
  'GET /healthz',
  'GET /api/badge.svg',
  'GET /api/badge.json',
  'GET /api/v2/summary.json',
])

/** Open to guests with a ticket, for their own data. */
const GUESTS = new Set<string>([
  'GET /api/runs/:id',
  'GET /api/runs/:id/events',
  'POST /api/runs/:id/stop',
  'POST /api/shares/:id/runs',
  'GET /api/shares/:id/pass',
])

const rows = Object.entries(WHO).map(([route, who]) => {
  const [method = '', path = ''] = route.split(' ')
  return { route, who, method, path: path.replace(/:\w+(\{.*\})?/, 'nobody-knows-it') }
})
const scopes = Object.keys(SCOPES) as Scope[]

/** An empty object is not a valid body of any route that starts something. */
const request = (method: string, headers: Record<string, string> = {}): RequestInit =>
  method === 'GET'
    ? { method, headers }
    : { method, headers: { 'Content-Type': 'application/json', ...headers }, body: '{}' }

const isApi = (path: string) => path.startsWith('/api')
const isRefused = ({ status }: Response) => status === 401 || status === 403

test('every route of the API has a row in this table', () => {
  const { routes } = createApi({ config: readConfig({}) } as Ports)
  const known = routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`)
  const told = Object.keys(WHO).map((route) => route.replace(/\?.*/, ''))
  expect([...new Set(known)].sort()).toEqual([...new Set(told)].sort())
})

/** One token of each kind: at most a hundred may exist. */
const tokenOf = new Map<Scope, Promise<{ token: string }>>()
function tokenWith(scope: Scope) {
  const known = tokenOf.get(scope) ?? newToken([scope])
  tokenOf.set(scope, known)
  return known
}

/** A guest of a share with a pass. */
let invited: Promise<{ share: string; ticket: string }> | null = null
const invite = async () => {
  const browser = await signedIn()
  const recipe = { model: 'llama3.2:latest', prompt: 'Count to 2' }
  const { id } = await (await browser('/api/runs', post(recipe))).json<{ id: string }>()
  await (await browser(`/api/runs/${id}/events`)).text()
  const made = await (
    await browser('/api/shares', post({ runs: [id], pass: {} }))
  ).json<{ id: string; url: string }>()
  const opened = await worker(
    `/api/shares/${made.id}/open`,
    post({ secret: new URL(made.url).hash.slice(1) }),
  )
  return { share: made.id, ticket: (await opened.json<{ ticket: string }>()).ticket }
}

describe.each(rows)('$route ($who)', ({ route, who, method, path }) => {
  test(who === 'anyone' ? 'is open to a stranger' : 'refuses a stranger', async () => {
    const response = await worker(path, request(method, { 'X-Forwarded-For': '10.0.0.1' }))
    expect([route, response.status === 401]).toEqual([route, who !== 'anyone'])
    if (who !== 'anyone' && isApi(path))
      expect(await response.json()).toMatchObject({ code: 'not_signed_in' })
  })

  test('$route ($who) refuses made-up tokens and tickets', async () => {
    for (const made of ['pl_abcdefgh_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'ticket']) {
      expect((await worker(path, request(method, bearer(made)))).status === 401).toBe(
        who !== 'anyone',
      )
    }
  })

  test.each(scopes)('$route refuses a token with the wrong scope: %s', async (scope) => {
    const { token } = await tokenWith(scope)
    const response = await worker(path, request(method, bearer(token)))
    expect(isRefused(response)).toBe(who !== 'anyone' && who !== scope)
    if (isRefused(response)) expect(response.status).toBe(403)
  })

  test(
    GUESTS.has(route) ? 'is open to a guest' : 'and to a guest it is as to a stranger, or less',
    async () => {
      const { share, ticket } = await (invited ??= invite())
      const asked = path.replace('/api/shares/nobody-knows-it', `/api/shares/${share}`)
      // An unknown field, so that nothing starts.
      const init = method === 'GET' ? { method } : { ...post({ odd: 1 }), method }
      const response = await worker(asked, withHeaders(init, bearer(ticket)))
      expect([route, isRefused(response)]).toEqual([route, who !== 'anyone' && !GUESTS.has(route)])
      if (!isRefused(response)) return
      expect(response.status).toBe(403)
      expect(await response.text()).not.toMatch(/llama|127\.0\.0\.1/)
    },
  )

  // /v1 ignores cookies.
  const isOwners = who !== 'nobody' && who !== 'v1'
  test(isOwners ? 'is open to the owner' : 'is closed to a signed-in browser', async () => {
    const browser = await signedIn()
    expect(isRefused(await browser(path, request(method)))).toBe(!isOwners)
  })

  test('$route rejects every other method', async () => {
    const browser = await signedIn()
    const response = await browser(path, request('PROPFIND'))
    // OpenAI's clients expect a 404 for anything unknown.
    if (path.startsWith('/v1/')) return expect(response.status).toBe(404)
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toContain(method)
  })

  const needsProof = method !== 'GET' || PROBES.has(route)
  test(needsProof ? 'does not believe a cookie alone' : 'may be opened by address', async () => {
    const browser = await signedIn()
    const bare = await browser(path, request(method), {})
    expect(bare.status === 403).toBe(needsProof || who === 'nobody')
    const proven = await browser(path, request(method), { Origin: 'http://localhost' })
    expect(proven.status === 403).toBe(who === 'nobody')
    // Over plain http in the local network, a browser sends only these headers with a GET of our page.
    if (method === 'GET')
      expect(
        (await browser(path, request(method), { 'X-Porchlight': 'page' })).status === 403,
      ).toBe(who === 'nobody')
  })

  test.each([
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['another port of this machine', { 'Sec-Fetch-Site': 'same-site' }],
    ['another origin', { ...OURS, Origin: 'http://localhost:3000' }],
    ['a frame without an origin', { ...OURS, Origin: 'null' }],
  ])(
    SHOWN_ELSEWHERE.has(route) ? 'may be shown by %s' : 'refuses %s, whatever cookie it carries',
    async (_from, headers) => {
      const browser = await signedIn()
      expect((await browser(path, request(method, headers))).status === 403).toBe(
        !SHOWN_ELSEWHERE.has(route),
      )
    },
  )
})
