import type { Alert } from '../../src/lib/contract/alerts.ts'
import { CAUSES, type Cause } from '../../src/lib/diagnosis/index.ts'
import { MINUTE_MS } from '../time.ts'
import { duration, utcClock } from '../../src/lib/format.ts'

/** What a person reads on a locked screen, which anybody may see: no host, no address, no model, no version. */
export interface Message {
  title: string
  body: string
  /** It is dark and somebody may want to get up for it. */
  isUrgent: boolean
}

type Word = 'Offline' | 'Slow' | 'Model missing' | 'No home' | 'Unknown'

/** The state in a word, and what to do in one line. */
const TOLD = {
  ok: {
    word: 'Slow',
    advice: 'It answers, but worse than it should. See what else keeps the machine busy.',
  },
  not_configured: {
    word: 'No home',
    advice: 'Open Porchlight and set the address of your tunnel.',
  },
  address_unreachable: {
    word: 'Offline',
    advice: 'Set the address of your tunnel: this one only works at home.',
  },
  dns_failure: { word: 'Offline', advice: 'See whether the tunnel got a new name, and set that.' },
  connection_failed: {
    word: 'Offline',
    advice: 'See that the computer is on and the tunnel’s program runs.',
  },
  tls_failure: {
    word: 'Offline',
    advice: 'See whether the certificate has expired or is for another name.',
  },
  tunnel_down: {
    word: 'Offline',
    advice: 'Computer asleep, or the tunnel’s program stopped: wake it, or start it again.',
  },
  tunnel_misrouted: { word: 'Offline', advice: 'Point the tunnel at Ollama again.' },
  access_blocked: {
    word: 'Offline',
    advice: 'See what login, password or rule stands before the tunnel.',
  },
  ollama_down: { word: 'Offline', advice: 'The tunnel works: start Ollama at home.' },
  host_rejected: { word: 'Offline', advice: 'Let the tunnel send localhost as the host name.' },
  not_ollama: { word: 'Offline', advice: 'The tunnel points at another program: see its port.' },
  ollama_outdated: { word: 'Offline', advice: 'Update Ollama at home.' },
  ollama_error: { word: 'Offline', advice: 'Read Ollama’s log at home.' },
  ollama_busy: {
    word: 'Offline',
    advice: 'Nothing to mend: it is free again when what waits is done.',
  },
  split_home: {
    word: 'Offline',
    advice: 'Stop one of the two: often one is native and one in a container.',
  },
  model_missing: { word: 'Model missing', advice: 'Pull it at home; Porchlight has the command.' },
  model_failed: {
    word: 'Offline',
    advice: 'See whether memory is short, then start Ollama again.',
  },
  generation_stuck: { word: 'Offline', advice: 'Start Ollama again, if it stays so.' },
  timed_out: {
    word: 'Offline',
    advice: 'Asleep and overloaded look the same from here: see that the computer is awake.',
  },
  observer_blind: {
    word: 'Unknown',
    advice: 'This says nothing about your home. Nothing to do there.',
  },
  unknown: { word: 'Offline', advice: 'Open Porchlight: what was seen is kept there.' },
} as const satisfies Record<Cause, { word: Word; advice: string }>

export function messageOf({ kind, cause, since, at }: Omit<Alert, 'incident' | 'seq'>): Message {
  if (kind === 'test') return TEST
  const { word, advice } = TOLD[cause]
  const { title } = CAUSES[cause]
  if (kind === 'closed') {
    const was = cause === 'ok' ? '' : ` It was: ${title}.`
    return {
      title: `Online: ${CAUSES.ok.title}`,
      body: `After ${lengthOf(at - since)}.${was}`,
      isUrgent: false,
    }
  }
  if (kind === 'left')
    return {
      title: 'This home is not watched any more',
      body: `Its address was changed. It was dark for ${lengthOf(at - since)} when it was last seen: ${title}.`,
      isUrgent: false,
    }
  return {
    title: `${word}: ${title}`,
    body: `${NEWS[kind]}Since ${utcClock(new Date(since).toISOString(), at)} (${lengthOf(at - since)}). ${advice}`,
    // Who knows that it is dark is not woken for the rest.
    isUrgent: word === 'Offline' && kind === 'opened',
  }
}

const NEWS = {
  opened: '',
  changed: 'The cause has changed. ',
  flapping: 'It comes and goes. ',
} as const

const TEST: Message = {
  title: 'Porchlight: a test',
  body: 'Alerts arrive here. Nothing is wrong at home.',
  isUrgent: false,
}

/** It is us who fail, so this must not sound like news from home. */
export const OWN_FAULT: Message = {
  title: 'Unknown: Porchlight itself has a fault',
  body: 'Its checks do not run at the moment. This says nothing about your home.',
  isUrgent: true,
}

function lengthOf(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS)
  return minutes <= 0 ? 'under a minute' : duration(minutes * MINUTE_MS)
}
