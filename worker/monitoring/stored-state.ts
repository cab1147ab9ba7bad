import { NEW_STATE, type MonitorState } from './state.ts'

/** The names that differ in the database, where they never change. */
const STORED_NAMES = {
  home: 'settled',
  falseAlarms: 'doubts',
  passes: 'good',
  passingSince: 'goodSince',
  failedRuns: 'silent',
  transitions: 'turns',
  flaps: 'falls',
  incidentCount: 'incidents',
  savedFailure: 'news',
} as const satisfies Partial<Record<keyof MonitorState, string>>

const stored = new Map<string, string>(Object.entries(STORED_NAMES))
const current = new Map<string, string>(
  Object.entries(STORED_NAMES).map(([ours, theirs]) => [theirs, ours]),
)

const renamed = (value: object, names: ReadonlyMap<string, string>) =>
  Object.fromEntries(Object.entries(value).map(([name, field]) => [names.get(name) ?? name, field]))

export const serializeState = (state: MonitorState): string =>
  JSON.stringify(renamed(state, stored))

/** A state that an older version stored may lack fields. */
export const parseState = (text: string): MonitorState => ({
  ...NEW_STATE,
  ...(renamed(JSON.parse(text) as object, current) as Partial<MonitorState>),
})
