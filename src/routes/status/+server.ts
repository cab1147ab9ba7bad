import { render } from 'svelte/server'
import type { RequestHandler } from './$types'
import { PAGE_HEADERS } from '$lib/contract/headers'
import type { StatusSnapshot } from '$lib/contract/status'
import { api } from '$lib/server/api'
import { blindSnapshot, heroOf, isOldAt } from '$lib/status/view'
import Page from '$lib/status/Page.svelte'
import status from '$lib/status/status.css?inline'
import tokens from '$lib/ui/styles/tokens.css?inline'
import script from '../../../static/status.js?raw'

export const prerender = false

const STYLE = tokens + status
const SERVER_FAULT = 500
const encoder = new TextEncoder()
const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
const hashOf = (text: string) => crypto.subtle.digest('SHA-256', encoder.encode(text))
const styleHash = hashOf(STYLE).then(base64)
const VERSION_BYTES = 6
const hex = (bytes: ArrayBuffer) =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
/** Its script has a name of its own for every version of it, so that a page which was kept goes on with the one it came with. */
const scriptVersion = hashOf(script).then((bytes) => hex(bytes.slice(0, VERSION_BYTES)))

/** Everything that this page may load or run. Its one script makes no HTML; the policy is for the address of the service worker. */
const policy = async () =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'sha256-${await styleHash}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types porchlight-worker',
  ].join('; ')

/** The page, readable before any script. What it shows is what the API tells this caller without asking the home. */
export const GET: RequestHandler = async (event) => {
  const { request, url } = event
  const asked = new Request(new URL('/api/status', url), { headers: headersFor(request.headers) })
  const answer = await api({ ...event, request: asked })
  if (answer.status === 401) return signIn(url)
  if (!answer.ok && answer.status < SERVER_FAULT) return answer
  const snapshot = answer.ok ? ((await answer.json()) as StatusSnapshot) : blindSnapshot(Date.now())
  return new Response(documentOf(snapshot, Date.now(), await scriptVersion), {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': await policy(),
      ...PAGE_HEADERS,
      // The service worker keeps each viewer's page apart.
      'X-Porchlight-Viewer': snapshot.viewer,
    },
  })
}

/** A link to this page may stand anywhere; that the page was opened from there gives nobody there a look at it. */
function headersFor(sent: Headers): Headers {
  const headers = new Headers(sent)
  if (sent.get('sec-fetch-mode') === 'navigate' && sent.get('sec-fetch-dest') === 'document')
    headers.delete('sec-fetch-site')
  return headers
}

/** A program is told what it lacks, a person is taken to the door. */
function signIn({ pathname }: URL) {
  const door = `/sign-in?to=${encodeURIComponent(pathname)}`
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="0; url=${door}"><title>Sign in · Porchlight</title></head><body><p>The state of this home is for its owner alone. <a href="${door}">Sign in</a></p></body></html>`
  return new Response(page, {
    status: 401,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      ...PAGE_HEADERS,
    },
  })
}

/** Svelte's marks for hydration serve nobody here. */
const withoutMarks = (html: string) => html.replace(/<!--.*?-->/gs, '')

function documentOf(snapshot: StatusSnapshot, now: number, version: string): string {
  const { body } = render(Page, { props: { snapshot, now } })
  const { look, word } = heroOf(snapshot.health)
  const lamp = look.lamp.replace('lamp-', '')
  const { health } = snapshot
  // A first look at what an earlier life of this server has seen is a look back.
  const isOld = isOldAt(snapshot, now)
  return `<!doctype html><html lang="en"${isOld ? ' data-old' : ''} data-viewer="${snapshot.viewer}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"><title>${isOld ? 'Status' : word} · Porchlight</title><meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f5f2"><meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1217"><link rel="icon" type="image/svg+xml" href="/favicon-${isOld ? 'unknown' : lamp}.svg"><link rel="manifest" crossorigin="use-credentials" href="/manifest.webmanifest"><link rel="apple-touch-icon" href="/app-180.png"><style>${STYLE}</style><script src="/theme.js"></script><script src="/status.js?v=${version}" defer></script></head><body data-word="${word}" data-lamp="${lamp}" data-status="${health?.status ?? ''}" data-cause="${health?.cause ?? ''}" data-checked="${health?.checkedAt ?? ''}" data-stale="${health?.staleAfterMs ?? ''}" data-maintenance="${snapshot.maintenance?.to ?? ''}" data-now="${new Date(now).toISOString()}">${withoutMarks(body)}</body></html>`
}
