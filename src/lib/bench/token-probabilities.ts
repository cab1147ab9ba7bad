/** A token, how likely it was (0 to 1), and what else could have stood there, likeliest first. */
export interface Weighed {
  token: string
  chance: number
  others: { token: string; chance: number }[]
}

/** Four steps are enough to read; the share from which each begins. */
export const STEPS = [
  { name: 'sure', from: 0.9 },
  { name: 'likely', from: 0.5 },
  { name: 'unsure', from: 0.1 },
  { name: 'rare', from: 0 },
] as const

export type Step = (typeof STEPS)[number]['name']

export const stepOf = (chance: number): Step =>
  STEPS.find(({ from }) => chance >= from)?.name ?? 'rare'

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

/** What Ollama tells of its tokens; what is not of its shape is left out. */
export function weigh(logprobs: readonly unknown[]): Weighed[] {
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

/** The places where it could most easily have gone another way, in the order of the text. */
export function forks(weighed: readonly Weighed[], most: number): (Weighed & { nth: number })[] {
  return weighed
    .map((one, nth) => ({ ...one, nth }))
    .filter(({ chance }) => chance < 0.9)
    .sort((one, other) => one.chance - other.chance)
    .slice(0, most)
    .sort((one, other) => one.nth - other.nth)
}
