import type { HomeState } from '../contract/status.ts'

const HOUSE = 'M10 1.6v1.3M3 9 10 2.9 17 9'
const BODY = 'M5.4 9.4 6.6 17h6.8l1.2-7.6M8.2 19h3.6'

interface Lamp {
  /** Part of the names of the icon `lamp-…` and the file `/favicon-….svg`. */
  name: 'on' | 'degraded' | 'off' | 'unknown'
  /** The outline of the part that glows. */
  glass: string | null
  lines: string
  dashed: string | null
}

export const LAMPS = {
  up: { name: 'on', glass: 'M5.4 9.3 6.6 17h6.8l1.2-7.7z', lines: HOUSE + BODY, dashed: null },
  degraded: {
    name: 'degraded',
    glass: 'M6 13.2 6.6 17h6.8l.6-3.8z',
    lines: `${HOUSE}${BODY}M6.1 13.2h7.8`,
    dashed: null,
  },
  down: { name: 'off', glass: null, lines: `${HOUSE}${BODY}M8.5 11.2l3 3m0-3-3 3`, dashed: null },
  unknown: {
    name: 'unknown',
    glass: null,
    lines: `${HOUSE}M8.2 19h3.6`,
    dashed: 'M5.4 9.8 6.6 17h6.8l1.2-7.2',
  },
} as const satisfies Record<HomeState, Lamp>
