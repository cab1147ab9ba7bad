import type { Recipe } from '../contract/recipe.ts'

/** Fields of a recipe that a Modelfile has no line for. */
const LEFT_OUT = [
  'images',
  'format',
  'tools',
  'think',
  'raw',
  'strict',
  'logprobs',
  'topLogprobs',
  'keepAlive',
] as const
const ROLES: readonly string[] = ['system', 'user', 'assistant']
/** What Ollama drops when it reads a Modelfile: anything that shows nothing, but for space, tab and line breaks. */
const DROPPED = /(?![ \t\r\n])[\p{C}\p{Z}]/u

/** A recipe as a Modelfile. What cannot be said in one stands in it as a comment. */
export function modelfileOf(recipe: Recipe): string {
  const { model, system, options = {}, messages = [], prompt } = recipe
  const lines = [
    line('FROM', model),
    ...(system === undefined ? [] : [line('SYSTEM', system)]),
    ...Object.entries(options).flatMap(([name, value]) =>
      [value].flat().map((one) => line(`PARAMETER ${name}`, String(one))),
    ),
    ...messages.map(({ role, content }) =>
      ROLES.includes(role)
        ? line(`MESSAGE ${role}`, content)
        : comment(`A message of ${role} is left out.`),
    ),
  ]
  const missing = LEFT_OUT.filter((name) => recipe[name] !== undefined)
  return [
    comment('ollama create my-model -f Modelfile, then: ollama run my-model'),
    ...(missing.length > 0 ? [comment(`A Modelfile cannot hold: ${missing.join(', ')}.`)] : []),
    ...(lines.some((text) => DROPPED.test(text))
      ? [comment('Ollama drops the invisible characters in this file.')]
      : []),
    ...lines,
    ...(prompt === undefined ? [] : [comment(`Then ask:\n${prompt}`)]),
    '',
  ].join('\n')
}

const comment = (text: string) =>
  text
    .split(/\r\n|\r|\n/)
    .map((one) => `# ${one}`)
    .join('\n')

function line(command: string, text: string): string {
  if (/^[\w.:/@-]+$/.test(text)) return `${command} ${text}`
  return endsEarly(text)
    ? comment(
        `${command} is left out: a line of it ends with three quotation marks, which end a text here.`,
      )
    : `${command} """${text}"""`
}

/** Ollama takes three quotation marks at the end of a line for the end of the text. */
const endsEarly = (text: string) => /"""\s*[\r\n]/.test(text)
