import type { Recipe } from '../contract/recipe.ts'

/** Fields of a recipe that a Modelfile cannot express. */
const UNSUPPORTED = [
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
/** Ollama drops these from a Modelfile: invisible characters other than space, tab and line breaks. */
const DROPPED = /(?![ \t\r\n])[\p{C}\p{Z}]/u

/** What a Modelfile cannot express is mentioned in a comment in it. */
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
        : comment(`A ${role} message is left out.`),
    ),
  ]
  const missing = UNSUPPORTED.filter((name) => recipe[name] !== undefined)
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
        `${command} is left out: one of its lines ends with three quotation marks, which would end the text.`,
      )
    : `${command} """${text}"""`
}

/** Ollama reads three quotation marks at the end of a line as the end of the text. */
const endsEarly = (text: string) => /"""\s*[\r\n]/.test(text)
