import { CAUSES, type Cause } from './causes.ts'
import { variantsOf } from './command-variants.ts'
import { fillStep } from './facts.ts'
import { REASONS, type Reason, type ReasonName, type Step } from './reasons/index.ts'
import type { Rung } from './rungs.ts'

export interface ExplainedReason {
  name: ReasonName
  rung: Rung
  summary: string
  why: string
  fix: Step[]
  retry: boolean
  alternatives: readonly Cause[]
}

/** One cause, explained in general, with examples in place of the facts of a check. */
export interface ExplainedCause {
  cause: Cause
  title: string
  about: string
  reasons: ExplainedReason[]
}

/** Values for the placeholders that a check would fill. */
const EXAMPLE = {
  host: 'your-home.example',
  port: '11434',
  url: 'https://your-home.example',
  ollamaPort: '11434',
  ngrokUrl: '',
  model: 'llama3.2',
  nearest: '',
  first: 'llama3.2:latest',
  error: '(the error text)',
  seconds: '4',
  status: '…',
  code: '…',
  target: 'another address',
  difference: 'two versions, or two lists of models',
  comment: '',
  detail: '',
  validFrom: 'a later day',
  validTo: 'an earlier day',
  megabytes: '4',
} as const

export function explainCause(cause: Cause): ExplainedCause {
  const all = Object.entries(REASONS) as [ReasonName, Reason][]
  const reasons = all
    .filter(([, reason]) => reason.cause === cause)
    .map(([name, reason]) => explain(name, reason))
  return { cause, ...CAUSES[cause], reasons }
}

const filled = (text: string) =>
  text.replace(/\{(\w+)\}/g, (_, name: keyof typeof EXAMPLE) => EXAMPLE[name])

function explain(
  name: ReasonName,
  { rung, summary, why, fix, tunnels, retry = false, or = [] }: Reason,
): ExplainedReason {
  const steps = fix.map((step) =>
    fillStep(step, EXAMPLE, (word) => variantsOf(word, { runtime: null, provider: null, tunnels })),
  )
  return {
    name,
    rung,
    summary: filled(summary).trim(),
    why: filled(why).trim(),
    fix: steps,
    retry,
    alternatives: or,
  }
}
