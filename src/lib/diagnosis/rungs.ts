/** The steps between a person and a token. A failed rung hides the ones after it. */
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

/** `unknown`: cannot be seen from here. `skipped`: comes after a failed rung. `waiting`: shown by a page while a check runs. */
export type Result = 'pass' | 'warn' | 'fail' | 'unknown' | 'skipped' | 'waiting'

/** The result at one rung. `ms` is the duration of the measurement; `null`: not measured. */
export interface Finding {
  rung: Rung
  result: Result
  title: string
  expected: string | null
  seen: string | null
  ms: number | null
}
