import * as v from 'valibot'
import { Message } from '../contract/recipe.ts'
import { OPTIONS } from '../contract/options.ts'
import type { Cause, ReasonName } from '../diagnosis/index.ts'
import { FORMATS, THINK_CHOICES, type OptionTexts } from './draft-fields.ts'

const text = v.fallback(v.string(), '')
const textOrNull = v.nullable(v.string())
const numberOrNull = v.nullable(v.number())

/** Drops invalid entries. */
const listOf = <Schema extends v.GenericSchema>(entry: Schema) =>
  v.pipe(
    v.fallback(v.array(v.unknown()), []),
    v.transform((list) =>
      list.flatMap((value): v.InferOutput<Schema>[] => {
        const { success, output } = v.safeParse(entry, value)
        return success ? [output] : []
      }),
    ),
  )

const flag = v.fallback(v.boolean(), false)
const ToolCall = v.object({
  id: v.optional(v.string()),
  function: v.object({ name: v.string(), arguments: v.record(v.string(), v.unknown()) }),
})
const StoredFormat = v.union([v.literal('json'), v.record(v.string(), v.unknown())])

const StoredDraft = v.object({
  model: text,
  prompt: text,
  system: text,
  options: v.pipe(
    v.fallback(v.record(v.string(), v.unknown()), {}),
    v.transform(
      (options) =>
        Object.fromEntries(
          Object.entries(options).filter(
            ([name, value]) => name in OPTIONS && typeof value === 'string',
          ),
        ) as OptionTexts,
    ),
  ),
  think: v.fallback(v.picklist([...THINK_CHOICES.switch, ...THINK_CHOICES.levels]), ''),
  tools: text,
  format: v.fallback(v.picklist(FORMATS), 'text'),
  schema: text,
  keepAlive: text,
  strict: flag,
  logprobs: flag,
  turns: listOf(Message),
  /** The server validates it when it is sent. */
  extra: v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
})

const StoredImages = v.object({
  pictures: listOf(
    v.object({ name: v.string(), base64: v.string(), width: v.number(), height: v.number() }),
  ),
  ofTurns: v.fallback(v.array(v.fallback(v.nullable(v.array(v.string())), null)), []),
})

/** Replaced drafts, the latest first, and the signature of the recipe that was filled in last. */
const StoredEarlier = v.object({ drafts: v.array(StoredDraft), filled: text })

const numbers = <const Name extends string>(...names: Name[]) =>
  v.object(v.entriesFromList(names, numberOrNull))
const flagOrNull = v.nullable(v.boolean())

const Receipt = v.object({
  model: v.string(),
  digest: textOrNull,
  quantization: textOrNull,
  ollamaVersion: textOrNull,
  contextLength: numberOrNull,
  gpuShare: numberOrNull,
  seed: numberOrNull,
  optionsSent: v.record(v.string(), v.union([v.number(), v.boolean(), v.array(v.string())])),
  think: v.nullable(v.union([v.boolean(), v.picklist(['low', 'medium', 'high', 'max'])])),
  keepAlive: v.nullable(v.union([v.number(), v.string()])),
  doneReason: textOrNull,
  truncated: flagOrNull,
  cold: flagOrNull,
  tokens: numbers('prompt', 'thinking', 'answer', 'generated'),
  ms: numbers(
    'queue',
    'connect',
    'load',
    'prompt',
    'thinking',
    'answer',
    'first',
    'total',
    'overhead',
  ),
  rate: numbers('prompt', 'answer'),
})

const isText = (value: unknown) => typeof value === 'string'
const Failure = v.object({
  title: v.string(),
  detail: v.string(),
  cause: v.optional(v.custom<Cause>(isText)),
  reason: v.optional(v.custom<ReasonName>(isText)),
  fix: v.optional(v.array(v.object({ text: v.string(), command: v.optional(v.string()) }))),
  why: v.optional(v.string()),
  help: v.optional(v.string()),
  alternatives: v.optional(v.array(v.custom<Cause>(isText))),
})

const time = v.pipe(
  v.string(),
  v.check((value) => !Number.isNaN(Date.parse(value))),
)

const StoredRun = v.object({
  id: text,
  /** By this device's clock. */
  startedAt: v.fallback(v.number(), 0),
  state: v.picklist(['running', 'done', 'stopped', 'failed', 'interrupted']),
  model: text,
  prompt: text,
  text,
  thinking: text,
  endedAt: v.fallback(v.nullable(time), null),
  receipt: v.fallback(v.nullable(Receipt), null),
  failure: v.fallback(v.nullable(Failure), null),
  changed: v.fallback(v.array(v.string()), []),
  toolCalls: listOf(ToolCall),
  format: v.fallback(v.nullable(StoredFormat), null),
  messages: v.fallback(v.number(), 1),
  hasLogprobs: flag,
})

export type StoredDraft = v.InferOutput<typeof StoredDraft>
export type StoredRun = v.InferOutput<typeof StoredRun>

const orNull = <Output>(
  result: { success: true; output: Output } | { success: false },
): Output | null => (result.success ? result.output : null)

/** Another version of the page may have written the value, so invalid parts become empty. */
export const readDraft = (value: unknown) => orNull(v.safeParse(StoredDraft, value))

export const readEarlier = (value: unknown) => orNull(v.safeParse(StoredEarlier, value))
export const readDraftImages = (value: unknown) =>
  orNull(v.safeParse(StoredImages, value)) ?? { pictures: [], ofTurns: [] }

/** A run that failed without a reason and without text has nothing to show. */
export function readRun(value: unknown): StoredRun | null {
  const run = orNull(v.safeParse(StoredRun, value))
  const isEmpty = run?.state === 'failed' && run.failure === null && run.text === ''
  return isEmpty ? null : run
}
