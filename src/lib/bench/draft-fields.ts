import type { OptionName } from '../contract/options.ts'
import type { Message, Recipe } from '../contract/recipe.ts'
import type { Picture } from './image-limits.ts'

/** `''` leaves it to the model. */
export const THINK_CHOICES = {
  switch: ['', 'on', 'off'],
  levels: ['', 'low', 'medium', 'high', 'max'],
} as const
export type Think = (typeof THINK_CHOICES)[keyof typeof THINK_CHOICES][number]

export const FORMATS = ['text', 'json', 'schema'] as const
export type Format = (typeof FORMATS)[number]

export type Turn = Pick<Message, 'role' | 'content'> & Partial<Message>

export type OptionTexts = Partial<Record<OptionName, string>>

/** Parts of a recipe that have no field on the bench. They are sent unchanged. */
export type Extra = Pick<Recipe, 'raw' | 'topLogprobs' | 'options'>

/** The form of the bench: texts as they were typed, valid or not. */
export interface DraftFields {
  model: string
  prompt: string
  system: string
  /** An empty text is the default, and is not sent. */
  options: OptionTexts
  think: Think
  tools: string
  format: Format
  schema: string
  keepAlive: string
  strict: boolean
  logprobs: boolean
  pictures: Picture[]
  /** The messages before the prompt, oldest first. */
  turns: Turn[]
  extra: Extra
}

export const EMPTY_FIELDS: DraftFields = {
  model: '',
  prompt: '',
  system: '',
  options: {},
  think: '',
  tools: '',
  format: 'text',
  schema: '',
  keepAlive: '',
  strict: false,
  logprobs: false,
  pictures: [],
  turns: [],
  extra: {},
}
