import type { Lane } from '../../src/lib/contract/access.ts'
import { CHARS_PER_TOKEN } from '../../src/lib/contract/tokens.ts'
import { OPTIONS, type OptionName } from '../../src/lib/contract/options.ts'
import type { Recipe } from '../../src/lib/contract/recipe.ts'
import { imagesIn, withoutImages } from '../../src/lib/contract/images.ts'
import { HttpProblem } from '../http/problem.ts'

/** What a token or a guest may run at the home. A share's pass narrows it further. */
export interface Limits {
  /** Tokens to generate. Without a limit Ollama generates up to ten times the context length. */
  tokens: number
  messages: number
  /** In all texts, schemas and tool definitions together. */
  characters: number
  images: number
  tools: boolean
  logprobs: boolean
  /** How deeply a JSON Schema, or the parameters of a tool, may nest. */
  depth: number
}

/** The owner has no limits. */
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

/** Changing one of these reloads the model, which unloads what the owner has loaded. */
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
 * The recipe as this lane may run it. Fields that affect the home beyond this one answer (how the model is loaded, and for how
 * long) are dropped, and the number of tokens is clamped. Anything else beyond the limits is refused, with its path.
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
  return { ...rest, options: clampTokens(ownOptions(options), limits) }
}

type Options = NonNullable<Recipe['options']>

/** The options that concern this answer only. */
const ownOptions = (options: Options): Options =>
  Object.fromEntries(
    Object.entries(options).filter(
      ([name]) => name in OPTIONS && !RUNNER_OPTIONS.includes(name as OptionName),
    ),
  )

/** Ollama takes 0 and less as unlimited. */
const clampTokens = ({ num_predict = 0, ...options }: Options, { tokens }: Limits) => ({
  ...options,
  num_predict: num_predict > 0 ? Math.min(num_predict, tokens) : tokens,
})

interface Excess {
  path: string
  message: string
}

interface Rule {
  path: string
  isOver: (recipe: Recipe, limits: Limits) => boolean
  message: (limits: Limits) => string
}

/** An estimate of the tokens that the home will count in the prompt. */
export const roughTokens = (recipe: Recipe) => Math.ceil(charactersIn(recipe) / CHARS_PER_TOKEN)

const charactersIn = (recipe: Recipe) => JSON.stringify(withoutImages(recipe)).length

const RULES: readonly Rule[] = [
  {
    path: 'messages',
    isOver: ({ messages = [] }, limits) => messages.length > limits.messages,
    message: (limits) => `has too many entries: ${limits.messages} at most`,
  },
  {
    path: 'images',
    isOver: (recipe, limits) => imagesIn(recipe).length > limits.images,
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
    isOver: (recipe, { characters }) => charactersIn(recipe) > characters,
    message: ({ characters }) =>
      `is too long, with everything sent with it: ${characters} characters at most`,
  },
]

const excessOf = (recipe: Recipe, limits: Limits): Excess[] =>
  RULES.filter(({ isOver }) => isOver(recipe, limits)).map(({ path, message }) => ({
    path,
    message: message(limits),
  }))

/** Counts level by level, because recursion could exhaust the stack. */
function depthOf(value: unknown): number {
  let depth = 0
  for (let level = [value]; (level = level.filter(isNested)).length > 0; depth++)
    level = level.flatMap((one) => Object.values(one as object) as unknown[])
  return depth
}

const isNested = (value: unknown) => typeof value === 'object' && value !== null
