/** The questions between a person and a token, in the order in which a failure hides the next. */
export const RUNGS = {
  config: {
    asks: 'Is the address usable from here?',
    expects: 'an address that works from here',
    passed: 'Address is usable',
    failed: 'Address is not usable',
  },
  dns: {
    asks: 'Does the name resolve?',
    expects: 'an address for the name',
    passed: 'Name resolves',
    failed: 'Name does not resolve',
  },
  connect: {
    asks: 'Does something accept the connection?',
    expects: 'an open connection',
    passed: 'Connection accepted',
    failed: 'No usable connection',
  },
  tunnel: {
    asks: 'Does the tunnel reach the home?',
    expects: 'an answer from home',
    passed: 'Home is reached',
    failed: 'Home is not connected',
  },
  access: {
    asks: 'Is a login or a challenge in the way?',
    expects: 'no login and no refusal',
    passed: 'Nothing in the way',
    failed: 'Access is blocked',
  },
  ollama: {
    asks: 'Is it Ollama that answers?',
    expects: 'Ollama’s version and its list of models',
    passed: 'Ollama answers',
    failed: 'No proper answer',
  },
  model: {
    asks: 'Is the model that you want installed?',
    expects: 'the model that you want',
    passed: 'Model is installed',
    failed: 'Model is not installed',
  },
  generate: {
    asks: 'Does it produce a token?',
    expects: 'a token',
    passed: 'A token arrived',
    failed: 'No token arrived',
  },
} as const

export type Rung = keyof typeof RUNGS

/** The ladder that every check climbs. `generate` is added by a deep check only. */
export const LADDER = [
  'config',
  'dns',
  'connect',
  'tunnel',
  'access',
  'ollama',
  'model',
] as const satisfies Rung[]

/** `unknown` cannot be seen from here; `skipped` lies below a rung that failed. A page that watches a check shows `waiting`. */
export type Result = 'pass' | 'warn' | 'fail' | 'unknown' | 'skipped' | 'waiting'

/** The judged answer to one rung's question. `ms` is what finding it out took, `null` when nothing was measured. */
export interface Finding {
  rung: Rung
  result: Result
  title: string
  expected: string | null
  seen: string | null
  ms: number | null
}
