import { build, files, prerendered } from '$service-worker'
import './push.ts'

const worker = globalThis as unknown as ServiceWorkerGlobalScope

const SHELLS = 'porchlight-shell '
/** Files are named by their content, so their list names the build. */
const SHELL = SHELLS + build.join(' ')
/** Signing out deletes it (src/lib/state). */
const KEPT = 'porchlight-kept'

/** Never kept and never touched: what is somebody's own, or a secret's. */
const NEVER = /^\/(api|v1|s|healthz|sign-in)(\/|$)/
/** Named by their content: what is there under such a name never becomes another. */
const UNCHANGING = /^\/_app\/immutable\//

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(SHELL).then((shell) => shell.addAll([...build, ...prerendered, ...files])),
  )
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOldShells().then(() => worker.clients.claim()))
})

// A new version waits until the person says so: a page must not change under somebody's hands.
worker.addEventListener('message', ({ data }) => {
  if (data === 'use-new-version') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname, search } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || NEVER.test(pathname)) return
  if (pathname === '/status') event.respondWith(statusFor(event))
  else if (UNCHANGING.test(pathname) || SCRIPT.test(pathname + search))
    event.respondWith(keptOrAsked(request))
  else if (files.includes(pathname)) event.respondWith(keptAndRenewed(event))
  else event.respondWith(askedOrKept(request))
})

/** All but the one before this: a page of the former version may still be open, and want the rest of its files. */
async function forgetOldShells() {
  const former = (await caches.keys()).filter((name) => name.startsWith(SHELLS) && name !== SHELL)
  // In the order in which they were made.
  await Promise.all(former.slice(0, -1).map((name) => caches.delete(name)))
}

const keptOrAsked = async (request: Request) => (await caches.match(request)) ?? fetch(request)

/** The network's word counts, as long as there is one. */
async function askedOrKept(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const kept = await inShells(request)
    if (kept) return kept
    throw error
  }
}

/** A line may be there and carry nothing: what a page waits for before its first paint is not asked of it first. */
async function keptAndRenewed(event: FetchEvent): Promise<Response> {
  const { request } = event
  const asked = fetch(request).then(async (response) => {
    if (response.ok) await (await caches.open(SHELL)).put(request, response.clone())
    return response
  })
  const kept = await inShells(request)
  if (!kept) return asked
  event.waitUntil(asked.catch(() => undefined))
  return kept
}

async function inShells(request: Request): Promise<Response | undefined> {
  const shell = await caches.open(SHELL)
  return (
    (await shell.match(request, { ignoreSearch: true })) ??
    caches.match(request, { ignoreSearch: true })
  )
}

/** Opened from the home screen it is painted from what is kept, with its age; the page's script asks for news at once. */
async function statusFor(event: FetchEvent): Promise<Response> {
  const { request } = event
  const asked = fetch(request).then(keep)
  const kept = request.mode === 'navigate' ? await keptPage() : null
  if (!kept) return asked
  event.waitUntil(asked.catch(() => undefined))
  return kept
}

const addressFor = (viewer: string) => `/status?kept-for=${viewer}`
const VIEWERS = ['owner', 'public'] as const
/** The page's script, named by its content: an old page never gets the script of a new one. */
const SCRIPT = /\/status\.js\?v=\w+/

/** Each viewer's page has an address of its own, and only the last one's is there: a stranger never gets the owner's. */
async function keep(response: Response): Promise<Response> {
  const kept = await caches.open(KEPT)
  const viewer = VIEWERS.find((one) => one === response.headers.get('X-Porchlight-Viewer'))
  if (response.type !== 'error')
    await Promise.all(VIEWERS.map((one) => one !== viewer && kept.delete(addressFor(one))))
  if (response.ok && viewer) await keepPage(kept, addressFor(viewer), response.clone())
  return response
}

async function keepPage(kept: Cache, address: string, response: Response) {
  const { headers } = response
  const page = await response.text()
  const aheadMs = Date.parse(/data-now="([^"]*)"/.exec(page)?.[1] ?? '') - Date.now()
  await kept.put(
    address,
    new Response(page.replace('<body', `<body data-ahead="${aheadMs}"`), { headers }),
  )
  const [script] = SCRIPT.exec(page) ?? []
  if (script && !(await kept.match(script))) await kept.add(script).catch(() => undefined)
}

async function keptPage(): Promise<Response | null> {
  const kept = await caches.open(KEPT)
  for (const viewer of VIEWERS) {
    const response = await kept.match(addressFor(viewer))
    if (response) return new Response(marked(await response.text()), { headers: response.headers })
  }
  return null
}

/** An old answer is painted grey from the first pixel on, not once a script has run. */
function marked(page: string): string {
  const read = (name: string) => new RegExp(`data-${name}="([^"]*)"`).exec(page)?.[1] ?? ''
  const ageMs = Date.now() + Number(read('ahead')) - Date.parse(read('checked'))
  const isOld = !(ageMs <= Number(read('stale')))
  return page.replace(
    /<html lang="en"(?: data-old)?/,
    `<html lang="en" data-kept${isOld ? ' data-old' : ''}`,
  )
}
