import type { EndName, RunPhase, RunState, RunSummary } from '../contract/runs.ts'

/** What a run is doing, in words. */
export const PHASE_WORDS = {
  queued: 'Waiting in the queue',
  connecting: 'Connecting',
  loading: 'Loading the model',
  prompt: 'Reading the prompt',
  thinking: 'Thinking',
  answering: 'Answering',
} as const satisfies Record<RunPhase, string>

/** The phases after the queue, in their order, with words that fit side by side on a phone. */
export const PHASE_STEPS = [
  ['connecting', 'connect'],
  ['loading', 'load'],
  ['prompt', 'prompt'],
  ['thinking', 'think'],
  ['answering', 'answer'],
] as const satisfies [RunPhase, string][]

interface Outcome {
  word: string
  icon: string
  tone: string
}

/** The state of a run, in a word. */
export const OUTCOMES = {
  queued: { word: 'Waiting in the queue', icon: 'lamp-unknown', tone: 'is-unknown' },
  running: { word: 'Running', icon: 'lamp-on', tone: 'is-ok' },
  done: { word: 'Finished', icon: 'check', tone: 'is-ok' },
  failed: { word: 'Failed', icon: 'x', tone: 'is-fail' },
  stopped: { word: 'Stopped', icon: 'stop', tone: 'is-unknown' },
  interrupted: { word: 'Interrupted', icon: 'dash', tone: 'is-unknown' },
} as const satisfies Record<RunState, Outcome>

/** What the owner should know about an end. */
export const OWNER_NOTES: Partial<Record<EndName, string>> = {
  stopped: 'You stopped it. The text so far is kept.',
  interrupted: 'Porchlight was restarted during the run, which ended it. The text so far is kept.',
}

/** What a guest should know about an end. */
export const GUEST_NOTES: Partial<Record<EndName, string>> = {
  stopped: 'You stopped it. The text so far stays on this page.',
  interrupted:
    'The owner needs the home now, so this run was ended. It does not count; try again later.',
}

/** What a reader of a shared run should know about its end. */
export const SHARED_NOTES: Partial<Record<RunState, string>> = {
  stopped: 'The run was stopped here.',
  failed: 'The run failed here.',
  interrupted: 'The run was interrupted here.',
}

const PROMPT_CUT: Outcome = {
  word: 'Finished, but the prompt was cut',
  icon: 'warn',
  tone: 'is-warn',
}

export const outcomeOf = ({ state, figures }: Pick<RunSummary, 'state' | 'figures'>): Outcome =>
  figures?.truncated ? PROMPT_CUT : OUTCOMES[state]
