import type { RunDetail } from '../../../src/lib/contract/runs.ts'

/** One run as a chapter. What people and models wrote stands in fences and quotes, so that it cannot pose as a chapter of ours. */
export function markdownOf(run: RunDetail): string {
  const { recipe, output, failure } = run
  const asked = recipe.messages?.map(({ role, content }) => section(role, fenced(content))) ?? [
    section('Prompt', fenced(recipe.prompt ?? '')),
  ]
  return [
    `## ${oneLine(run.title) || run.id}\n`,
    `${factsOf(run).join(' · ')}\n`,
    ...(recipe.system ? [section('System', fenced(recipe.system))] : []),
    ...asked,
    ...(output.thinking ? [section('Thinking', quoted(output.thinking))] : []),
    ...(output.text ? [section('Answer', quoted(output.text))] : []),
    ...(failure ? [section('Failure', `${failure.title}. ${failure.detail}`)] : []),
  ].join('\n')
}

function factsOf({ model, state, createdAt, recipe, receipt, failure }: RunDetail): string[] {
  const options = Object.entries(recipe.options ?? {}).map(
    ([name, value]) => `${name} ${JSON.stringify(value)}`,
  )
  const { ms, rate, tokens } = receipt ?? {}
  return [
    code(model),
    state,
    createdAt,
    ...(failure?.cause ? [failure.cause] : []),
    ...(ms?.first == null ? [] : [`first token ${Math.round(ms.first)} ms`]),
    ...(rate?.answer == null ? [] : [`${rate.answer.toFixed(1)} tok/s`]),
    ...(tokens?.generated == null ? [] : [`${tokens.generated} tokens`]),
    ...options.map(code),
  ]
}

const section = (name: string, text: string) => `### ${name}\n\n${text}\n`

const oneLine = (text: string) => escaped(text.replace(/\s+/g, ' ').trim())
const escaped = (text: string) => text.replace(/[\\`*_[\]<>#|!]/g, '\\$&')
const quoted = (text: string) => text.replace(/^/gm, '> ')
const code = (text: string) => `\`${text.replaceAll('`', '’')}\``

/** A fence longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${text}\n${fence}`
}
