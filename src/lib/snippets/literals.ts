/** Invisible and direction-changing characters are escaped, so that people see everything they paste. */
const INVISIBLE = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

const escapeInvisible = (text: string) =>
  text.replace(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export const json = (value: unknown) => escapeInvisible(JSON.stringify(value, null, 2))

/** Quotes any text as one argument for a POSIX shell. */
export const shellQuoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

interface Language {
  true: string
  false: string
  null: string
  key: (name: string) => string
}

const string = (text: string) => escapeInvisible(JSON.stringify(text))

export const JAVASCRIPT: Language = {
  true: 'true',
  false: 'false',
  null: 'null',
  // As a plain key, `__proto__` would set the object's prototype.
  key: (name) =>
    name === '__proto__' ? '["__proto__"]' : /^[a-z_]\w*$/i.test(name) ? name : string(name),
}

export const PYTHON: Language = { true: 'True', false: 'False', null: 'None', key: string }

/** A JSON value as source text. A JSON string is a valid literal in both languages. */
export function literal(value: unknown, language: Language, indent = ''): string {
  if (typeof value === 'string') return string(value)
  if (typeof value === 'boolean') return language[value ? 'true' : 'false']
  if (typeof value !== 'object' || value === null)
    return value === null ? language.null : JSON.stringify(value)
  const isList = Array.isArray(value)
  const inner = `${indent}    `
  const parts = isList
    ? value.map((part: unknown) => literal(part, language, inner))
    : Object.entries(value).map(
        ([name, part]) => `${language.key(name)}: ${literal(part, language, inner)}`,
      )
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  return parts.length === 0
    ? `${open}${close}`
    : `${open}\n${parts.map((part) => `${inner}${part},\n`).join('')}${indent}${close}`
}
