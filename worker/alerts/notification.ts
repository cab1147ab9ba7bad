import { isEnd, type Alert } from '../../src/lib/contract/alerts.ts'
import { CAUSES, type Cause } from '../../src/lib/diagnosis/index.ts'
import { duration, utcClock } from '../../src/lib/format.ts'
import { MINUTE_MS } from '../time.ts'

/** The text on a lock screen, which anyone may read: no host, no address, no model, no version. */
export interface NotificationText {
  title: string
  body: string
  /** The home has gone down, and the owner may want to act at once. */
  isUrgent: boolean
}

/** An alert as it is sent, the same for every channel. */
export interface Notification extends NotificationText {
  /** Stays the same when a delivery is repeated, so that receivers can ignore duplicates. */
  id: string
  /** The same for all notifications of one incident: a newer one replaces the older one. At most 32 of [-\w]. */
  thread: string
  alert: Alert
  /** The page that a tap opens. */
  url: string | null
}

/** `instance` is random for every database, so incident numbers of two of them differ. The text uses the time of sending. */
export function notificationOf(
  { incident, seq, kind, cause, since, at }: Alert,
  instance: string,
  origin: string | null,
  now: number,
): Notification {
  const thread = `${instance}-${incident}`
  const alert: Alert = { incident, seq, kind, cause, since, at }
  return {
    ...textOf(isEnd(alert) ? alert : { ...alert, at: now }),
    id: `${thread}-${seq}`,
    thread,
    alert,
    url: origin === null ? null : new URL('/alerts', origin).href,
  }
}

type Word = 'Offline' | 'Slow' | 'Model missing' | 'No home' | 'Unknown'

/** The state in one word, and what to do in one line. */
const ADVICE = {
  ok: {
    word: 'Slow',
    advice: 'It answers, but slower than usual. Check what else keeps the computer busy.',
  },
  not_configured: {
    word: 'No home',
    advice: 'Open Porchlight and set the address of your tunnel.',
  },
  address_unreachable: {
    word: 'Offline',
    advice: 'Set the address of your tunnel: this one only works at home.',
  },
  dns_failure: {
    word: 'Offline',
    advice: 'Check whether the tunnel has a new name, and set that name.',
  },
  connection_failed: {
    word: 'Offline',
    advice: 'Check that the computer is on and the tunnel’s program is running.',
  },
  tls_failure: {
    word: 'Offline',
    advice: 'Check whether the certificate has expired or is for another name.',
  },
  tunnel_down: {
    word: 'Offline',
    advice: 'Computer asleep, or the tunnel’s program stopped: wake it, or start it again.',
  },
  tunnel_misrouted: { word: 'Offline', advice: 'Point the tunnel at Ollama again.' },
  access_blocked: {
    word: 'Offline',
    advice: 'Check which login, password or rule protects the tunnel.',
  },
  ollama_down: { word: 'Offline', advice: 'The tunnel works: start Ollama at home.' },
  host_rejected: { word: 'Offline', advice: 'Make the tunnel send localhost as the host name.' },
  not_ollama: { word: 'Offline', advice: 'The tunnel points at another program: check its port.' },
  ollama_outdated: { word: 'Offline', advice: 'Update Ollama at home.' },
  ollama_error: { word: 'Offline', advice: 'Read Ollama’s log at home.' },
  ollama_busy: {
    word: 'Offline',
    advice: 'Nothing to fix: it recovers when the waiting requests are done.',
  },
  split_home: {
    word: 'Offline',
    advice: 'Stop one of the two: often one is native and one in a container.',
  },
  model_missing: { word: 'Model missing', advice: 'Pull it at home; Porchlight has the command.' },
  model_failed: {
    word: 'Offline',
    advice: 'Check whether memory is short, then restart Ollama.',
  },
  generation_stuck: { word: 'Offline', advice: 'Restart Ollama if this does not pass.' },
  timed_out: {
    word: 'Offline',
    advice: 'Asleep and overloaded look the same from here: check that the computer is awake.',
  },
  observer_blind: {
    word: 'Unknown',
    advice: 'This says nothing about your home. There is nothing to do.',
  },
  unknown: { word: 'Offline', advice: 'Open Porchlight to see the evidence.' },
} as const satisfies Record<Cause, { word: Word; advice: string }>

export function textOf(alert: Omit<Alert, 'incident' | 'seq'>): NotificationText {
  const { kind, cause, since, at } = alert
  if (kind === 'test') return TEST
  if (kind === 'closed' || kind === 'left') return endOf(alert)
  const { word, advice } = ADVICE[cause]
  return {
    title: `${word}: ${CAUSES[cause].title}`,
    body: `${NEWS[kind]}Since ${utcClock(new Date(since).toISOString(), at)} (${durationOf(at - since)}). ${advice}`,
    // An owner who knows of the failure is not disturbed again.
    isUrgent: word === 'Offline' && kind === 'opened',
  }
}

function endOf({ kind, cause, since, at }: Omit<Alert, 'incident' | 'seq'>): NotificationText {
  const length = durationOf(at - since)
  const { title } = CAUSES[cause]
  if (kind === 'left')
    return {
      title: 'This home is no longer monitored',
      body: `Its address was changed. At the last check it had been down for ${length}: ${title}.`,
      isUrgent: false,
    }
  return {
    title: `Online: ${CAUSES.ok.title}`,
    body: `It was down for ${length}.${cause === 'ok' ? '' : ` The cause was: ${title}.`}`,
    isUrgent: false,
  }
}

const NEWS = {
  opened: '',
  changed: 'The cause has changed. ',
  flapping: 'It comes and goes. ',
} as const

const TEST: NotificationText = {
  title: 'Porchlight: a test',
  body: 'Alerts arrive here. Nothing is wrong at home.',
  isUrgent: false,
}

/** Must not read like news from home. */
export const OWN_FAULT: NotificationText = {
  title: 'Unknown: Porchlight itself has a fault',
  body: 'Its checks are not running. This says nothing about your home.',
  isUrgent: true,
}

/** In whole minutes: a check is made once a minute. */
const durationOf = (ms: number) =>
  ms < MINUTE_MS / 2 ? 'under a minute' : duration(Math.round(ms / MINUTE_MS) * MINUTE_MS)
