/** `chance` is from 0 to 1. `others`: the alternatives, likeliest first. */
export interface TokenChance {
  token: string
  chance: number
  others: { token: string; chance: number }[]
}

/** `from`: the lowest chance of the level. More than four levels would look alike. */
export const LEVELS = [
  { name: 'sure', from: 0.9 },
  { name: 'likely', from: 0.5 },
  { name: 'unsure', from: 0.1 },
  { name: 'rare', from: 0 },
] as const

export type Level = (typeof LEVELS)[number]['name']

export const levelOf = (chance: number): Level =>
  LEVELS.find(({ from }) => chance >= from)?.name ?? 'rare'

const isEntry = (
  value: unknown,
): value is { token: string; logprob: number; top_logprobs?: unknown } => {
  const entry = value as { token?: unknown; logprob?: unknown } | null
  return (
    typeof entry === 'object' &&
    typeof entry?.token === 'string' &&
    typeof entry.logprob === 'number'
  )
}

/** Reads what Ollama reports, and omits invalid entries. */
export function readTokenChances(logprobs: readonly unknown[]): TokenChance[] {
  return logprobs.filter(isEntry).map(({ token, logprob, top_logprobs: top }) => ({
    token,
    chance: Math.exp(Math.min(0, logprob)),
    others: (Array.isArray(top) ? (top as unknown[]) : [])
      .filter(isEntry)
      .filter((other) => other.token !== token)
      .map((other) => ({ token: other.token, chance: Math.exp(Math.min(0, other.logprob)) }))
      .sort((one, other) => other.chance - one.chance),
  }))
}

/** The least certain tokens, in the order of the text. */
export function leastSure(
  tokens: readonly TokenChance[],
  most: number,
): (TokenChance & { nth: number })[] {
  return tokens
    .map((one, nth) => ({ ...one, nth }))
    .filter(({ chance }) => chance < 0.9)
    .sort((one, other) => one.chance - other.chance)
    .slice(0, most)
    .sort((one, other) => one.nth - other.nth)
}
