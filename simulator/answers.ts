/** Chooses the answer, and cuts it into pieces the size of tokens. */
import { isObject } from './go-json.ts'
import type { Json, JsonObject } from './go-json.ts'
import { SCRIPTS } from './scripts.ts'

export const THOUGHT =
  'The question is short and clear. I know what is asked, so I answer it directly and keep it brief.'

const OPENINGS = [
  'This is the Porchlight demo home.',
  'You have reached the Porchlight demo home.',
  'The Porchlight demo home is listening.',
] as const
const ECHO_LENGTH = 160
const VOCABULARY = 262_144

export function hash(text: string): number {
  let state = 2_166_136_261
  for (const sign of text) state = Math.imul(state ^ (sign.codePointAt(0) ?? 0), 16_777_619)
  return state >>> 0
}

function says(prompt: string, word: string): boolean {
  return new RegExp(`(^|[^\\p{L}])${word}($|[^\\p{L}])`, 'iu').test(prompt)
}

function defaultAnswer(prompt: string, seed: string): string {
  const asked = prompt.trim().replace(/\s+/g, ' ')
  const echo = asked.length > ECHO_LENGTH ? `${asked.slice(0, ECHO_LENGTH).trimEnd()} …` : asked
  const opening = OPENINGS[hash(prompt + seed) % OPENINGS.length]
  return `${opening} No model is running here: its answers are scripted, nothing is computed. You asked:

> ${echo}

Connect your own Ollama to get a real answer. Until then, try one of these: a retry function, a lighthouse story, why the sky is blue, a SQL bug, or a haiku.`
}

/** For clients that need an answer of a certain length. */
function countTo(prompt: string): string | null {
  const [, last] = /\bcount (?:up )?to (\d{1,5})\b/i.exec(prompt) ?? []
  return last === undefined
    ? null
    : Array.from({ length: Number(last) }, (_, index) => index + 1).join(' ')
}

export function answerTo(prompt: string, seed: string): string {
  const count = countTo(prompt)
  if (count !== null) return count
  const script = SCRIPTS.find(({ words }) => words.some((word) => says(prompt, word)))
  return script?.text ?? defaultAnswer(prompt, seed)
}

/** Words with the space before them, punctuation and line ends separate, as a tokenizer splits plain text. */
export function pieces(text: string): string[] {
  return text.match(/ ?[\p{L}\p{M}]{1,9}| ?\d{1,5}|\n+| +|[^\s\p{L}\d]/gu) ?? []
}

export function tokenId(piece: string): number {
  return hash(piece) % VOCABULARY
}

const SAMPLES = {
  string: (words: string) => words,
  integer: () => 42,
  number: () => 4.2,
  boolean: () => true,
  null: () => null,
} as const satisfies Record<string, (words: string) => Json>

/** A value that a JSON Schema would accept, with names and numbers from the prompt where they fit. */
export function sampleOf(schema: Json, words: string): Json {
  if (!isObject(schema)) return words
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null
  if (isObject(schema.properties)) return sampleObject(schema.properties, words)
  if (schema.type === 'array') return [sampleOf(schema.items ?? null, words)]
  if (schema.type === 'object') return {}
  const type = schema.type as string
  return SAMPLES[type in SAMPLES ? (type as keyof typeof SAMPLES) : 'string'](words)
}

function sampleObject(properties: JsonObject, words: string): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [key, sampleOf(schema, words)]),
  )
}

/** The last capitalised word of a question is usually its subject: "the weather in Tokyo". */
export function subject(prompt: string): string {
  return prompt.match(/\p{Lu}[\p{L}-]+/gu)?.at(-1) ?? 'example'
}

const nameOf = (tool: JsonObject): string =>
  isObject(tool.function) ? ((tool.function.name ?? '') as string) : ''

function likeness(tool: JsonObject, prompt: string): number {
  const about = isObject(tool.function)
    ? `${nameOf(tool)} ${(tool.function.description ?? '') as string}`
    : ''
  return about
    .split(/[\s_]+/)
    .filter((word) => word.length > 2 && says(prompt, word.replace(/\W/g, ''))).length
}

export function toolCall(
  tools: readonly JsonObject[],
  prompt: string,
): { name: string; arguments: Json } {
  const [best] = [...tools].sort((one, other) => likeness(other, prompt) - likeness(one, prompt))
  const parameters = best && isObject(best.function) ? (best.function.parameters ?? {}) : {}
  const filled = sampleOf(parameters, subject(prompt))
  return { name: best ? nameOf(best) : '', arguments: isObject(filled) ? filled : {} }
}
