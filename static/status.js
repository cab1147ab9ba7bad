// @ts-check
// What /status does once it is there: ages tick, the answer is renewed while somebody looks, Check now checks.
// The page is complete without it. Nothing here makes HTML: words are changed, or the page is asked for again.

const POLL_MS = 30_000
const TICK_MS = 5000
const SAID_MS = 2000
/** A verdict older than this is renewed as soon as the page is opened. ms. */
const RENEW_MS = 75_000
/** An app that is never left asks for a new version of itself so often. ms. */
const UPDATE_MS = 3_600_000
/** A line may be there and carry nothing. Longer than this our own server never takes; a check of the home may. ms. */
const PATIENCE = { own: 8000, check: 30_000 }
/** How a load is followed. ms. */
const WHILE_LOADING_MS = 2000
/** A check that was asked for while nothing could be reached. Signing out forgets it (src/lib/auth/sign-out-cleanup.ts). */
const WANTED = 'porchlight.check-when-back'

const root = document.documentElement
const { body } = document
const banner = byId('banner')
const button = byId('check')
const warm = /** @type {HTMLButtonElement | null} */ (document.getElementById('warm'))
const label = /** @type {HTMLElement} */ (button.querySelector('span'))

/** What is painted: a change of it needs another page. */
const painted = {
  status: body.dataset.status,
  cause: body.dataset.cause,
  viewer: root.dataset.viewer,
  maintenance: body.dataset.maintenance,
}
/** What the server's clock is ahead of this device's. A page that was kept knows it from when it came. ms. */
const aheadMs = Number(body.dataset.ahead ?? Date.parse(body.dataset.now ?? '') - Date.now()) || 0
const now = () => Date.now() + aheadMs
let checkedAt = Date.parse(body.dataset.checked ?? '') || 0
const staleAfterMs = Number(body.dataset.stale) || 120_000
let etag = ''
let isChecking = false
/** Another page is on its way: what was asked for is that one's to do. */
let isLeaving = false
/** What keeps us from an answer. `line`: this device's, or our own server; from here they look the same. @type {'phone' | 'line' | 'checker' | null} */
let trouble = null

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no ${id}`)
  return found
}

const store = {
  /** @param {string} key */
  has: (key) => {
    try {
      return localStorage.getItem(key) !== null
    } catch {
      return false
    }
  },
  /** @param {string} key @param {string | null} value */
  set: (key, value) => {
    try {
      if (value === null) localStorage.removeItem(key)
      else localStorage.setItem(key, value)
    } catch {
      // Not kept, then: the choice holds until the page is left.
    }
  },
}

/** @param {number} ms */
function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86400)} days`
}

/** @param {string} iso */
function clock(iso) {
  const then = new Date(iso)
  const time = then.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const isToday = then.toDateString() === new Date().toDateString()
  return isToday
    ? time
    : `${then.toLocaleDateString([], { day: 'numeric', month: 'short' })}, ${time}`
}

/** @param {Element} node @param {string} text */
function say(node, text) {
  if (node.textContent !== text) node.textContent = text
}

function tick() {
  for (const time of document.querySelectorAll('time')) {
    const as =
      time.dataset.as === 'clock' ? clock(time.dateTime) : span(now() - Date.parse(time.dateTime))
    say(time, as)
  }
  root.toggleAttribute('data-old', checkedAt > 0 && isOld())
  showTrouble()
  showOutside()
}

const isOld = () => now() - checkedAt > staleAfterMs

const TROUBLES = {
  phone: 'Your phone is offline. This is the last answer it kept.',
  line: 'Porchlight cannot be reached: this device’s line, or Porchlight itself. This is the last answer that was kept.',
  checker: 'Our checker is late. This says nothing about your home.',
}

/** What must not be mixed up: the phone is offline, our checker is late, and the home is down (which is the page itself). */
function showTrouble() {
  const isLate = trouble === null && isOld() && checkedAt > 0 && !isChecking
  const name = isLate ? 'checker' : trouble
  banner.hidden = name === null
  banner.classList.remove('late')
  say(banner, name === null ? '' : TROUBLES[name])
  const isAway = trouble === 'phone' || trouble === 'line'
  if (!isChecking)
    say(label, isAway ? (store.has(WANTED) ? 'Checks when back' : 'Check when back') : 'Check now')
}

/** The tab and the app's icon tell the same as the page. */
function showOutside() {
  const isUntold = root.hasAttribute('data-old')
  document.title = `${isUntold ? 'Status' : body.dataset.word} · Porchlight`
  const icon = document.querySelector('link[rel=icon]')
  const lamp = isUntold ? 'unknown' : body.dataset.lamp
  if (icon) icon.setAttribute('href', `/favicon-${lamp}.svg`)
  if (!('setAppBadge' in navigator)) return
  const badge = lamp === 'off' ? navigator.setAppBadge() : navigator.clearAppBadge()
  badge.catch(() => undefined)
}

/** The few words that tell whether the page still holds. */
async function renew() {
  const headers = etag ? { 'If-None-Match': etag } : undefined
  const response = await fetch('/api/status/brief', {
    headers,
    signal: AbortSignal.timeout(PATIENCE.own),
  })
  trouble = null
  if (response.status === 304) return
  if (!response.ok) throw new Error(`our own server answered ${response.status}`)
  etag = response.headers.get('ETag') ?? ''
  await compare(await response.json())
}

/** @param {{ viewer: string, status?: string, cause?: string, checkedAt?: string, maintenance?: string }} told */
async function compare({ viewer, status = '', cause = '', checkedAt: at, maintenance = '' }) {
  const told = { status, cause, viewer, maintenance }
  const isSame = Object.entries(told).every(([name, value]) => value === Reflect.get(painted, name))
  const isFromLongAgo = root.hasAttribute('data-kept') && isOld()
  if (!isSame || isFromLongAgo) return paintAnew()
  if (at === undefined) return
  checkedAt = Date.parse(at)
  byId('checked').setAttribute('datetime', at)
}

/** The service worker keeps what it hands through, so the page that follows is this one. */
async function paintAnew() {
  const response = await fetch('/status', {
    headers: { Accept: 'text/html' },
    signal: AbortSignal.timeout(PATIENCE.own),
  })
  isLeaving = response.ok
  if (isLeaving) location.reload()
}

/** What went wrong on the way to our own server: it may be the phone, or the server. */
async function whatIsWrong() {
  const signal = AbortSignal.timeout(PATIENCE.own)
  const lives = await fetch('/healthz', { cache: 'no-store', signal }).then(
    ({ ok }) => ok,
    () => false,
  )
  trouble = lives ? 'checker' : navigator.onLine ? 'line' : 'phone'
}

async function look() {
  await renew().catch(whatIsWrong)
  tick()
  if (trouble === null && !isLeaving && store.has(WANTED)) await check()
}

/** The owner's check asks the home now; a stranger's joins the one that everybody shares. */
async function check() {
  if (isChecking) return
  if (trouble === 'phone' || trouble === 'line') {
    store.set(WANTED, '1')
    return tick()
  }
  isChecking = true
  say(label, 'Checking …')
  const fresh = painted.viewer === 'owner' ? '&fresh=1' : ''
  try {
    const signal = AbortSignal.timeout(PATIENCE.check)
    await fetch(`/api/health?code=200${fresh}`, { headers: { 'X-Porchlight': 'page' }, signal })
    // Not before: a page that is painted anew meanwhile would lose it.
    store.set(WANTED, null)
    await renew()
  } catch {
    await whatIsWrong()
  }
  isChecking = false
  tick()
}

/** @param {HTMLButtonElement} copy */
async function copyCommand(copy) {
  const command = copy.previousElementSibling?.textContent ?? ''
  const isCopied = await navigator.clipboard.writeText(command).then(
    () => true,
    () => false,
  )
  const name = copy.getAttribute('aria-label') ?? ''
  copy.setAttribute(
    'aria-label',
    isCopied ? 'Copied' : 'Not copied: this browser does not allow it',
  )
  copy.querySelector('use')?.setAttribute('href', isCopied ? '#tick' : '#copy')
  setTimeout(() => {
    copy.setAttribute('aria-label', name)
    copy.querySelector('use')?.setAttribute('href', '#copy')
  }, SAID_MS)
}

function otherTheme() {
  const isDark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = isDark ? 'light' : 'dark'
  store.set('porchlight.theme', root.dataset.theme)
}

/** @param {{ name: string, gpuShare: number | null, contextLength: number | null, expiresAt: string | null }} model */
function loadedLine({ name, gpuShare, contextLength, expiresAt }) {
  const facts = [
    gpuShare === null ? '' : `${Math.round(gpuShare * 100)} % on the GPU`,
    contextLength === null ? '' : `context ${contextLength.toLocaleString('en')}`,
    expiresAt === null ? '' : leaving(Date.parse(expiresAt) - now()),
  ].filter(Boolean)
  return `${name} · ${facts.join(' · ')}`
}

const YEAR_MS = 365 * 24 * 3_600_000

/** @param {number} ms */
const leaving = (ms) =>
  ms > YEAR_MS ? 'stays' : ms > 0 ? `unloads in ${span(ms)}` : 'in use, or unloading'

/** @param {string[]} lines */
function listLoaded(lines) {
  const items = lines.map((text) =>
    Object.assign(document.createElement('li'), { textContent: text }),
  )
  byId('loaded').replaceChildren(...items)
}

/** @param {string} name */
const fullName = (name) => (name.includes(':') ? name : `${name}:latest`)

const BUTTON_LETTERS = 22

/** For a button on a phone. @param {string} name */
const shortName = (name) =>
  name.length > BUTTON_LETTERS ? `${name.slice(0, BUTTON_LETTERS - 1)}…` : name

/** What is loaded: the home is asked, and may not answer. */
async function showLoaded() {
  if (!document.getElementById('loaded')) return
  if (painted.status === 'fail') return listLoaded([])
  const asked = fetch('/api/loaded', { headers: { 'X-Porchlight': 'page' } })
  const { models, warmUp } = await asked
    .then((answer) => answer.json())
    .catch(() => ({ models: null }))
  if (!models) return listLoaded(['What is loaded is not known just now.'])
  listLoaded(
    models.length > 0
      ? models.map(loadedLine)
      : ['No model is loaded. The first answer waits for it.'],
  )
  offerWarmth(models, warmUp ?? null)
}

/** The button that fits: a cold model is warmed up before it is asked. @param {{ name: string }[]} models @param {{ model: string, state: string, ms: number | null, problem: { title: string } | null } | null} load */
function offerWarmth(models, load) {
  const model = warm?.dataset.model ?? ''
  if (!warm || model === '') return
  // Where no model is wanted, any that is loaded will do.
  const isLoaded = models.some(
    ({ name }) => warm.dataset.wanted !== 'true' || fullName(name) === fullName(model),
  )
  const isLoading = load !== null && ['queued', 'loading', 'watching'].includes(load.state)
  warm.hidden = isLoaded
  byId('test').hidden = !isLoaded
  warm.disabled = isLoading
  const hasFailed = load?.state === 'failed' && fullName(load.model) === fullName(model)
  const doing =
    load?.state === 'queued'
      ? 'Waits for its turn'
      : `Loading ${shortName(load?.model ?? '')}, ${span(load?.ms ?? 0)}`
  say(warm, isLoading ? doing : hasFailed ? 'Warm up again' : `Warm up ${shortName(model)}`)
  if (hasFailed)
    listLoaded([`${model} could not be loaded: ${load.problem?.title ?? 'it is not known why'}.`])
  if (isLoading) setTimeout(() => void showLoaded(), WHILE_LOADING_MS)
}

/** @param {HTMLButtonElement} warm */
async function warmUp(warm) {
  warm.disabled = true
  const body = JSON.stringify({ model: warm.dataset.model })
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch('/api/warm', { method: 'POST', headers, body }).catch(() => null)
  if (response?.ok) return showLoaded()
  say(warm, 'Warm up again')
  warm.disabled = false
  const problem = await response?.json().catch(() => null)
  listLoaded([problem?.detail ?? 'Porchlight could not be reached. Try again when you are online.'])
}

/** A new version waits until somebody says so, and this page goes on until then. @param {ServiceWorkerRegistration} registration */
function offerUpdates(registration) {
  const { serviceWorker } = navigator
  const update = document.getElementById('update')
  const offer = () => {
    // The first one there is replaces nobody.
    if (update && registration.waiting && serviceWorker.controller) update.hidden = false
  }
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', offer),
  )
  document.getElementById('reload')?.addEventListener('click', () => {
    // Another tab may have said so already.
    if (!registration.waiting) return location.reload()
    serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
    registration.waiting.postMessage('use-new-version')
  })
  setInterval(() => registration.update().catch(() => undefined), UPDATE_MS)
  offer()
}

function keepForLater() {
  if (!('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  // The first visit is over before there is somebody to keep it.
  const keep = () => void fetch('/status').catch(() => undefined)
  if (!serviceWorker.controller)
    serviceWorker.addEventListener('controllerchange', keep, { once: true })
  // As Kit's pages register it: another way of saying it would be another version.
  const address = '/service-worker.js'
  const types = /** @type {any} */ (window).trustedTypes
  const trusted = types
    ?.createPolicy('porchlight-worker', { createScriptURL: () => address })
    .createScriptURL('')
  serviceWorker.register(trusted ?? address).then(offerUpdates, () => undefined)
}

button.addEventListener('click', () => void check())
byId('theme').addEventListener('click', otherTheme)
for (const copy of document.querySelectorAll('button.copy')) {
  const one = /** @type {HTMLButtonElement} */ (copy)
  one.hidden = false
  one.addEventListener('click', () => void copyCommand(one))
}
warm?.addEventListener('click', () => void warmUp(warm))
window.addEventListener('online', () => void look())
window.addEventListener('offline', () => void look())
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') void look()
})
setInterval(tick, TICK_MS)
setInterval(() => {
  if (document.visibilityState === 'visible') void look()
}, POLL_MS)
keepForLater()
if (document.getElementById('loaded')) listLoaded(['Asking what is loaded …'])
void showLoaded()
tick()
if (now() - checkedAt > RENEW_MS && !root.hasAttribute('data-kept')) void check()
else void look()
