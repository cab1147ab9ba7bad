import { render } from 'svelte/server'
import type { RequestHandler } from './$types'
import { PAGE_HEADERS } from '$lib/contract/headers'
import type { StatusSnapshot } from '$lib/contract/status'
import { api } from '$lib/server/api'
import { blindSnapshot, heroOf, isOldAt } from '$lib/status/view'
import { LAMPS } from '$lib/ui/lamps'
import Page from '$lib/status/Page.svelte'
import status from '$lib/status/status.css?inline'
import tokens from '$lib/ui/styles/tokens.css?inline'
import { version } from 'virtual:status-script'

export const prerender = false

const STYLE = tokens + status
const SERVER_FAULT = 500
const encoder = new TextEncoder()
const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
const hashOf = (text: string) => crypto.subtle.digest('SHA-256', encoder.encode(text))
const styleHash = hashOf(STYLE).then(base64)
const HEAD = [
  '<meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">',
  '<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f5f2">',
  '<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1217">',
  '<link rel="manifest" crossorigin="use-credentials" href="/manifest.webmanifest">',
  '<link rel="apple-touch-icon" href="/app-180.png">',
  `<style>${STYLE}</style>`,
  '<script src="/theme.js"></script>',
  // The version lets a cached page keep the script that it came with.
  `<script src="/status.js?v=${version}" defer></script>`,
].join('')

/** Everything that this page may load or run. The script makes no HTML; its trusted type is the service worker's address. */
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

/** The page is complete without its script. It shows what the API returns to this viewer without a check of the home. */
export const GET: RequestHandler = async (event) => {
  const { request, url } = event
  const apiRequest = new Request(new URL('/api/status', url), {
    headers: headersFor(request.headers),
  })
  const response = await api({ ...event, request: apiRequest })
  if (response.status === 401) return signIn(url)
  if (!response.ok && response.status < SERVER_FAULT) return response
  const snapshot = response.ok
    ? ((await response.json()) as StatusSnapshot)
    : blindSnapshot(Date.now())
  return new Response(documentOf(snapshot, Date.now()), {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': await policy(),
      ...PAGE_HEADERS,
      // The service worker caches one page per viewer.
      'X-Porchlight-Viewer': snapshot.viewer,
    },
  })
}

/** Any site may link to this page. Only navigation is allowed: another site cannot read the response. */
function headersFor(sent: Headers): Headers {
  const headers = new Headers(sent)
  if (sent.get('sec-fetch-mode') === 'navigate' && sent.get('sec-fetch-dest') === 'document')
    headers.delete('sec-fetch-site')
  return headers
}

/** Programs get the status 401, people a link to sign in. */
function signIn({ pathname }: URL) {
  const address = `/sign-in?to=${encodeURIComponent(pathname)}`
  const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="0; url=${address}"><title>Sign in · Porchlight</title></head><body><p>Only the owner can see the state of this home. <a href="${address}">Sign in</a></p></body></html>`
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

/** Without hydration, Svelte's markers are only bytes. */
const withoutMarkers = (html: string) => html.replace(/<!--.*?-->/gs, '')

function documentOf(snapshot: StatusSnapshot, now: number): string {
  const { look, word } = heroOf(snapshot.health)
  const lamp = LAMPS[look.state].name
  const isOld = isOldAt(snapshot, now)
  const icon = `/favicon-${isOld ? 'unknown' : lamp}.svg`
  const facts = attributes({ word, lamp, ...factsOf(snapshot), now: new Date(now).toISOString() })
  const { body } = render(Page, { props: { snapshot, now } })
  return `<!doctype html><html lang="en"${isOld ? ' data-old' : ''} data-viewer="${snapshot.viewer}"><head>${HEAD}<title>${isOld ? 'Status' : word} · Porchlight</title><link rel="icon" type="image/svg+xml" href="${icon}"></head><body ${facts}>${withoutMarkers(body)}</body></html>`
}

/** The page's script compares these with what the API returns. */
const factsOf = ({ health, maintenance }: StatusSnapshot) => ({
  status: health?.status,
  cause: health?.cause,
  checked: health?.checkedAt,
  stale: health?.staleAfterMs,
  maintenance: maintenance?.to,
})

const attributes = (facts: Readonly<Record<string, string | number | undefined>>) =>
  Object.entries(facts)
    .map(([name, value]) => `data-${name}="${value ?? ''}"`)
    .join(' ')
