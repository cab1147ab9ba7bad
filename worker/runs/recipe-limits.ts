import type { Lane } from '../../src/lib/contract/access.ts'
import { OPTIONS, type OptionName } from '../../src/lib/contract/options.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { HttpProblem } from '../http/problem.ts'

/** What somebody may have done in the home of another. A share's pass narrows it further. */
export interface Limits {
  /** Most tokens to write. There is always a number: without one Ollama writes ten windows full. */
  tokens: number
  messages: number
  /** Of all texts, schemas and tool definitions together. */
  characters: number
  images: number
  tools: boolean
  logprobs: boolean
  /** How deep a JSON Schema, or what tools take, may nest. */
  depth: number
}

/** The owner has none: it is their machine. */
export const LIMITS = {
  owner: null,
  token: {
    tokens: 16_384,
    messages: 500,
    characters: 900_000,
    images: 8,
    tools: true,
    logprobs: true,
    depth: 32,
  },
  guest: {
    tokens: 512,
    messages: 20,
    characters: 16_000,
    images: 0,
    tools: false,
    logprobs: false,
    depth: 8,
  },
} as const satisfies Record<Lane, Limits | null>

/** A change of one of these loads the model anew, which throws out whatever the owner has loaded. */
const RUNNER_OPTIONS: readonly OptionName[] = [
  'num_ctx',
  'num_batch',
  'num_gpu',
  'main_gpu',
  'num_thread',
  'draft_num_predict',
  'use_mmap',
]

/**
 * The recipe as this lane may carry it out. What would touch the home beyond this one answer (how the model is loaded and
 * for how long) is left out, the number of tokens is brought down; what is too much otherwise is refused with its path.
 * The owner's recipe stays as it is.
 */
export function recipeFor(
  lane: Lane,
  recipe: Recipe,
  limits: Limits | null = LIMITS[lane],
): Recipe {
  if (limits === null) return recipe
  const errors = excessOf(recipe, limits)
  const [first] = errors
  if (first) throw new HttpProblem('invalid', `${first.path} ${first.message}.`, { errors })
  const { keepAlive: _, raw: __, options = {}, ...rest } = recipe
  return { ...rest, options: tamed(options, limits) }
}

function tamed(options: NonNullable<Recipe['options']>, { tokens }: Limits) {
  const { num_predict: asked = 0 } = options
  const own = Object.entries(options).filter(
    ([name]) => name in OPTIONS && !RUNNER_OPTIONS.includes(name as OptionName),
  )
  // Nought and less mean no end.
  return { ...Object.fromEntries(own), num_predict: asked > 0 ? Math.min(asked, tokens) : tokens }
}

interface Excess {
  path: string
  message: string
}

type Rule = {
  path: string
  isOver: (recipe: Recipe, limits: Limits) => boolean
  message: (limits: Limits) => string
}

const imagesOf = ({ images = [], messages = [] }: Recipe) => [
  ...images,
  ...messages.flatMap((message) => message.images ?? []),
]

/** Characters that a token stands for, roughly. */
export const CHARS_PER_TOKEN = 4

/** What a home would count of it, as far as that can be said from here. */
export const roughTokens = (recipe: Recipe) => Math.ceil(measured(recipe) / CHARS_PER_TOKEN)

/** Pictures are counted, everything else is measured. */
const measured = (recipe: Recipe) =>
  JSON.stringify(recipe, (key, value: unknown) => (key === 'images' ? undefined : value)).length

const RULES: readonly Rule[] = [
  {
    path: 'messages',
    isOver: ({ messages = [] }, limits) => messages.length > limits.messages,
    message: (limits) => `has too many entries: ${limits.messages} at most`,
  },
  {
    path: 'images',
    isOver: (recipe, limits) => imagesOf(recipe).length > limits.images,
    message: ({ images }) =>
      images === 0 ? 'are for the owner only' : `are too many: ${images} at most`,
  },
  {
    path: 'tools',
    isOver: ({ tools = [] }, limits) => tools.length > 0 && !limits.tools,
    message: () => 'are for the owner only',
  },
  {
    path: 'logprobs',
    isOver: ({ logprobs, topLogprobs }, limits) =>
      (logprobs === true || topLogprobs !== undefined) && !limits.logprobs,
    message: () => 'are for the owner only',
  },
  {
    path: 'format',
    isOver: ({ format }, { depth }) => depthOf(format) > depth,
    message: ({ depth }) => `nests too deeply: ${depth} levels at most`,
  },
  {
    path: 'tools',
    isOver: ({ tools }, { depth }) => depthOf(tools) > depth,
    message: ({ depth }) => `nest too deeply: ${depth} levels at most`,
  },
  {
    path: 'prompt',
    isOver: (recipe, { characters }) => measured(recipe) > characters,
    message: ({ characters }) =>
      `is too long, with everything sent with it: ${characters} characters at most`,
  },
]

const excessOf = (recipe: Recipe, limits: Limits): Excess[] =>
  RULES.filter(({ isOver }) => isOver(recipe, limits)).map(({ path, message }) => ({
    path,
    message: message(limits),
  }))

/** Counts level by level, so that no depth exhausts the stack. */
function depthOf(value: unknown): number {
  let depth = 0
  for (let level = [value]; (level = level.filter(isNested)).length > 0; depth++)
    level = level.flatMap((one) => Object.values(one as object) as unknown[])
  return depth
}

const isNested = (value: unknown) => typeof value === 'object' && value !== null
