import * as v from 'valibot'
import { plainMessage } from '../contract/issues.ts'
import { DURATION, Tools } from '../contract/recipe.ts'
import type { DraftFields, Turn } from './draft-fields.ts'
import { can, type Abilities } from './draft-recipe.ts'
import { readJson, describeFault } from './json.ts'
import { MAX_BASE64, type Picture } from './image-limits.ts'

export type FaultyField = 'prompt' | 'turns' | 'tools' | 'schema' | 'keep-alive'
/** Why the fields cannot be sent, by field. */
export type Faults = Partial<Record<FaultyField, string>>

export function faultsIn(fields: DraftFields, abilities: Abilities | undefined): Faults {
  const messages = {
    prompt: promptFault(fields),
    turns: turnsFault(fields),
    tools: can(abilities, 'tools') ? toolsFault(fields.tools) : null,
    schema: fields.format === 'schema' ? schemaFault(fields.schema) : null,
    'keep-alive': keepAliveFault(fields.keepAlive.trim()),
  } satisfies Record<FaultyField, string | null>
  return Object.fromEntries(Object.entries(messages).filter(([, message]) => message !== null))
}

/** After an unanswered question or a tool's result the prompt may be empty. */
function promptFault({ prompt, turns, pictures }: DraftFields): string | null {
  if (base64Length(pictures, turns) > MAX_BASE64)
    return 'These images are too large together. Remove one.'
  const last = turns.at(-1)?.role
  return prompt.trim() !== '' || last === 'user' || last === 'tool'
    ? null
    : 'Write something first.'
}

export const base64Length = (pictures: readonly Picture[], turns: readonly Turn[]) =>
  [...pictures.map(({ base64 }) => base64), ...turns.flatMap(({ images = [] }) => images)].reduce(
    (sum, { length }) => sum + length,
    0,
  )

function turnsFault({ turns }: DraftFields): string | null {
  const index = turns.findIndex(({ role, content }) => role === 'tool' && content.trim() === '')
  return index < 0 ? null : `Type the answer of ${turns[index]?.toolName || 'the tool'}.`
}

export function toolsFault(text: string): string | null {
  if (text.trim() === '') return null
  const { value, fault, lineOf } = readTools(text)
  if (fault) return describeFault(fault)
  const { issues } = v.safeParse(Tools, value)
  if (!issues) return null
  const [issue] = issues
  const path = v.getDotPath(issue) ?? ''
  const line = lineOf(path) ?? lineOf(path.split('.').slice(0, -1).join('.'))
  return `${line === null ? '' : `Line ${line}: `}${path || 'This'} ${plainMessage(issue.message)}.`
}

const readTools = (text: string) => {
  const read = readJson(text)
  return read.fault ? { ...read, lineOf: () => null } : read
}

export function schemaFault(text: string): string | null {
  if (text.trim() === '') return 'Write the schema, or choose another answer format.'
  const { value, fault } = readJson(text)
  if (fault) return describeFault(fault)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? null
    : 'Line 1: a schema must be an object.'
}

const keepAliveFault = (text: string) =>
  text === '' || /^-?\d+$/.test(text) || DURATION.test(text)
    ? null
    : 'Seconds, or a time like 5m or 1h30m; −1 indefinitely.'
