import { build, files, prerendered } from '$service-worker'
import './push.ts'

const worker = globalThis as unknown as ServiceWorkerGlobalScope

const SHELL_PREFIX = 'porchlight-shell '
/** File names contain a hash of the content, so their list identifies the build. */
const SHELL_CACHE = SHELL_PREFIX + build.join(' ')
/** Signing out deletes it (src/lib/auth/sign-out-cleanup.ts). */
const PAGE_CACHE = 'porchlight-kept'

/** Private data and secrets are never cached. */
const UNCACHED = /^\/(api|v1|s|healthz|sign-in)(\/|$)/
/** A name with a content hash never gets different content. */
const IMMUTABLE = /^\/_app\/immutable\//

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(SHELL_CACHE).then((shell) => shell.addAll([...build, ...prerendered, ...files])),
  )
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(deleteOldShells().then(() => worker.clients.claim()))
})

// A page must not change while someone uses it, so a new version waits until the person reloads.
worker.addEventListener('message', ({ data }) => {
  if (data === 'use-new-version') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname, search } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || UNCACHED.test(pathname)) return
  if (pathname === '/status') event.respondWith(statusPage(event))
  else if (IMMUTABLE.test(pathname) || SCRIPT.test(pathname + search))
    event.respondWith(cacheFirst(request))
  else if (files.includes(pathname)) event.respondWith(revalidateInBackground(event))
  else event.respondWith(networkFirst(request))
})

/** Keeps the previous version: a page of it may still be open and need more of its files. */
async function deleteOldShells() {
  const old = (await caches.keys()).filter(
    (name) => name.startsWith(SHELL_PREFIX) && name !== SHELL_CACHE,
  )
  // `keys` lists the caches in the order of their creation.
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)))
}

const cacheFirst = async (request: Request) => (await caches.match(request)) ?? fetch(request)

async function networkFirst(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const cached = await fromShells(request)
    if (cached) return cached
    throw error
  }
}

/** A connection may exist and transfer nothing, so files that block the first paint do not wait for it. */
async function revalidateInBackground(event: FetchEvent): Promise<Response> {
  const { request } = event
  const fetched = fetch(request).then(async (response) => {
    if (response.ok) await (await caches.open(SHELL_CACHE)).put(request, response.clone())
    return response
  })
  const cached = await fromShells(request)
  if (!cached) return fetched
  event.waitUntil(fetched.catch(() => undefined))
  return cached
}

async function fromShells(request: Request): Promise<Response | undefined> {
  const shell = await caches.open(SHELL_CACHE)
  return (
    (await shell.match(request, { ignoreSearch: true })) ??
    caches.match(request, { ignoreSearch: true })
  )
}

/** Shows the cached page at once, with its age. The script of the page then loads the current state. */
async function statusPage(event: FetchEvent): Promise<Response> {
  const { request } = event
  const fetched = fetch(request).then(cacheForViewer)
  const cached = request.mode === 'navigate' ? await cachedPage() : null
  if (!cached) return fetched
  event.waitUntil(fetched.catch(() => undefined))
  return cached
}

const cacheKey = (viewer: string) => `/status?kept-for=${viewer}`
const VIEWERS = ['owner', 'public'] as const
/** The address contains a hash of the script, so an old page never gets the script of a new one. */
const SCRIPT = /\/status\.js\?v=\w+/

/** Only the page of the last viewer is cached, so that a stranger never gets the owner's page. */
async function cacheForViewer(response: Response): Promise<Response> {
  const cache = await caches.open(PAGE_CACHE)
  const viewer = VIEWERS.find((one) => one === response.headers.get('X-Porchlight-Viewer'))
  if (response.type !== 'error')
    await Promise.all(
      VIEWERS.filter((one) => one !== viewer).map((one) => cache.delete(cacheKey(one))),
    )
  if (response.ok && viewer) await cachePage(cache, cacheKey(viewer), response.clone())
  return response
}

async function cachePage(cache: Cache, key: string, response: Response) {
  const { headers } = response
  const page = await response.text()
  const aheadMs = Date.parse(/data-now="([^"]*)"/.exec(page)?.[1] ?? '') - Date.now()
  await cache.put(
    key,
    new Response(page.replace('<body', `<body data-ahead="${aheadMs}"`), { headers }),
  )
  const [script] = SCRIPT.exec(page) ?? []
  if (script && !(await cache.match(script))) await cache.add(script).catch(() => undefined)
}

async function cachedPage(): Promise<Response | null> {
  const cache = await caches.open(PAGE_CACHE)
  for (const viewer of VIEWERS) {
    const response = await cache.match(cacheKey(viewer))
    if (response) return new Response(markAge(await response.text()), { headers: response.headers })
  }
  return null
}

/** An old page must be grey from the first paint, before its script runs. */
function markAge(page: string): string {
  const attribute = (name: string) => new RegExp(`data-${name}="([^"]*)"`).exec(page)?.[1] ?? ''
  const ageMs = Date.now() + Number(attribute('ahead')) - Date.parse(attribute('checked'))
  const isOld = !(ageMs <= Number(attribute('stale')))
  return page.replace(
    /<html lang="en"(?: data-old)?/,
    `<html lang="en" data-kept${isOld ? ' data-old' : ''}`,
  )
}
