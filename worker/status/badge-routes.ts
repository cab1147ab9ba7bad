import { Hono } from 'hono'
import type { Maintenance } from '../../src/lib/contract/history.ts'
import { callerOf, isSetUp } from '../auth/caller.ts'
import { allowMethods } from '../http/methods.ts'
import { denialFor, statusViewFor } from '../auth/guard.ts'
import type { KeptVerdict } from '../diagnosis/port.ts'
import type { Ports } from '../ports.ts'
import { isOurFault, STALE_AFTER_MS } from '../diagnosis/health-routes.ts'
import { currentState } from './snapshot.ts'

/** The public states, with their name in each format. */
const PRESENTATIONS = {
  pass: {
    word: 'online',
    fill: '#146b3b',
    shield: 'brightgreen',
    indicator: 'none',
    component: 'operational',
    description: 'All systems operational',
  },
  warn: {
    word: 'unsteady',
    fill: '#8a4b00',
    shield: 'orange',
    indicator: 'minor',
    component: 'degraded_performance',
    description: 'Answers, but with problems',
  },
  fail: {
    word: 'offline',
    fill: '#b1231a',
    shield: 'red',
    indicator: 'major',
    component: 'major_outage',
    description: 'The home does not answer',
  },
  maintenance: {
    word: 'maintenance',
    fill: '#565b64',
    shield: 'lightgrey',
    indicator: 'maintenance',
    component: 'under_maintenance',
    description: 'Under maintenance',
  },
  not_configured: {
    word: 'not_configured',
    fill: '#565b64',
    shield: 'lightgrey',
    indicator: 'minor',
    component: 'under_maintenance',
    description: 'No home is set up yet',
  },
  unknown: {
    word: 'unknown',
    fill: '#565b64',
    shield: 'lightgrey',
    indicator: 'minor',
    component: 'under_maintenance',
    description: 'Not known at the moment',
  },
} as const

const MAX_AGE_S = 60
const LABEL_LENGTH = 40

/** Badges show the last verdict without a request to the home. The owner sees the same as a stranger. */
export function badge(ports: Ports) {
  return new Hono()
    .get('/badge.svg', async (c) => {
      const { word, fill } = PRESENTATIONS[await glance(ports, c.req.raw)]
      return c.body(svg(labelOf(c.req.query('label')), word, fill), 200, {
        ...cachedBy(ports),
        'Content-Type': 'image/svg+xml',
      })
    })
    .all('/badge.svg', allowMethods('GET, HEAD'))
    .get('/badge.json', async (c) => {
      const state = await glance(ports, c.req.raw)
      const { word: message, shield: color } = PRESENTATIONS[state]
      const label = labelOf(c.req.query('label'))
      const shields = {
        schemaVersion: 1,
        label,
        message,
        color,
        isError: state === 'fail',
        cacheSeconds: MAX_AGE_S,
      }
      return c.json(shields, 200, cachedBy(ports))
    })
    .all('/badge.json', allowMethods('GET, HEAD'))
}

/** `/api/v2/summary.json`: the format of hosted status pages, which their readers understand. */
export function summary(ports: Ports) {
  return new Hono()
    .get('/summary.json', async (c) => {
      const seen = await publicState(ports, c.req.raw)
      const { kept, maintenance } = seen
      const { indicator, component, description } = PRESENTATIONS[stateOf(seen)]
      const updated = new Date(kept?.checkedAt ?? 0).toISOString()
      const home = {
        id: 'home',
        name: 'Home',
        status: component,
        updated_at: updated,
        position: 1,
        group: false,
      }
      return c.json(
        {
          page: {
            id: 'porchlight',
            name: 'Porchlight',
            url: new URL('/status', c.req.url).href,
            time_zone: 'Etc/UTC',
            updated_at: updated,
          },
          status: { indicator, description },
          components: [home],
          incidents: [],
          scheduled_maintenances: maintenance ? [plannedAs(maintenance)] : [],
        },
        200,
        cachedBy(ports),
      )
    })
    .all('/summary.json', allowMethods('GET, HEAD'))
}

/** A private status must not be stored in a shared cache. */
const cachedBy = ({ config }: Ports) => ({
  'Cache-Control':
    config.publicStatus === 'off' ? 'private, no-store' : `public, max-age=${MAX_AGE_S}`,
})

interface PublicState {
  kept: KeptVerdict | null
  showsCause: boolean
  maintenance: Maintenance | null
}

async function publicState(ports: Ports, request: Request): Promise<PublicState> {
  const { config } = ports
  const caller = await callerOf(ports, request)
  if (statusViewFor(caller, config) === 'off') throw denialFor(caller)
  const showsCause = !isSetUp(config) || config.publicStatus === 'cause'
  return { ...(await currentState(ports)), showsCause }
}

const glance = async (ports: Ports, request: Request) => stateOf(await publicState(ports, request))

/** An outdated verdict, or an internal fault, says nothing about the home. */
function stateOf({ kept, maintenance, showsCause }: PublicState): keyof typeof PRESENTATIONS {
  if (showsCause && kept?.verdict.cause === 'not_configured') return 'not_configured'
  if (kept === null || Date.now() - kept.checkedAt > STALE_AFTER_MS || isOurFault(kept.verdict))
    return 'unknown'
  const { status } = kept.verdict
  return status === 'fail' && maintenance !== null ? 'maintenance' : status
}

const plannedAs = ({ from, to }: Maintenance) => ({
  ...{
    id: `maintenance-${Date.parse(from)}`,
    name: 'Maintenance',
    status: 'in_progress',
    impact: 'maintenance',
  },
  ...{ scheduled_for: from, scheduled_until: to, incident_updates: [] },
})

const labelOf = (asked: string | undefined) => (asked?.trim() || 'ollama').slice(0, LABEL_LENGTH)

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')

/** Widths are estimated: a picture cannot measure its font. `textLength` makes the words fit them. */
function svg(label: string, word: string, fill: string): string {
  const [left, right] = [label, word].map((text) => Array.from(text).length * 6.6 + 12) as [
    number,
    number,
  ]
  const width = Math.ceil(left + right)
  const text = (words: string, from: number, room: number) =>
    `<text x="${from + room / 2}" y="14" textLength="${(room - 12).toFixed(1)}">${escaped(words)}</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${escaped(label)}: ${word}"><title>${escaped(label)}: ${word}</title><clipPath id="r"><rect width="${width}" height="20" rx="4"/></clipPath><g clip-path="url(#r)"><rect width="${width}" height="20" fill="#1a1d22"/><rect x="${left}" width="${right + 1}" height="20" fill="${fill}"/></g><g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11">${text(label, 0, left)}${text(word, left, right)}</g></svg>`
}
