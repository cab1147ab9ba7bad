import { imagesIn } from '../contract/images.ts'
import type { Editable, Show } from '../contract/shares.ts'
import type { RunDetail } from '../contract/runs.ts'

/** The limits for guests, as the owner types them. */
export interface PassDraft {
  runs: number
  maxTokens: number
  contextLength: number
  /** With commas between the names; empty: the model of the run. */
  models: string
  editable: Editable[]
}

const messagesOf = ({ recipe }: RunDetail) => recipe.messages ?? []

const systemOf = (run: RunDetail) => [
  run.recipe.system,
  ...messagesOf(run).flatMap(({ role, content }) => (role === 'system' ? [content] : [])),
]

const promptOf = (run: RunDetail) => [
  run.recipe.prompt,
  ...messagesOf(run).flatMap(({ role, content }) => (role === 'system' ? [] : [content])),
]

const toolsOf = (run: RunDetail) =>
  [
    run.recipe.tools,
    run.recipe.format,
    ...messagesOf(run).flatMap(({ toolCalls = [] }) => toolCalls),
    ...run.output.toolCalls,
  ].map((part) => part && JSON.stringify(part))

/** What a link to these runs can show, as text. */
export function partsOf(runs: readonly RunDetail[]) {
  const joined = (of: (run: RunDetail) => readonly (string | undefined)[]) =>
    runs.flatMap(of).filter(Boolean).join('\n').trim()
  return {
    prompt: joined(promptOf),
    system: joined(systemOf),
    answer: joined(({ output }) => [output.text]),
    thinking: joined(({ output }) => [output.thinking]),
    tools: joined(toolsOf),
    images: runs.flatMap(({ recipe }) => imagesIn(recipe)).length,
  }
}

type Parts = ReturnType<typeof partsOf>

/** The texts that become public with this choice, by their name. */
export const publicTexts = (parts: Parts, show: Show): Record<string, string> => ({
  prompt: parts.prompt,
  answer: parts.answer,
  'tools and schema': parts.tools,
  ...(show.system ? { 'system prompt': parts.system } : {}),
  ...(show.thinking ? { thinking: parts.thinking } : {}),
})
