import type { Recipe } from './recipe.ts'

interface SplitRecipe {
  /** The recipe, with a number in place of each image. */
  rest: Recipe
  images: string[]
}

/** Separates a recipe from its images: text is small and searchable, images are large and are not searched. */
export function splitImages(recipe: Recipe): SplitRecipe {
  const images: string[] = []
  const rest = mapImages(recipe, (image) => String(images.push(image) - 1))
  return { rest, images }
}

/** Puts the images back into the recipe. Deleted images are left out. */
export function joinImages({ rest, images }: SplitRecipe): Recipe {
  return mapImages(rest, (nth) => images[Number(nth)])
}

type MayHaveImages = Pick<Recipe, 'images' | 'messages'>

export const imagesIn = ({ images = [], messages = [] }: MayHaveImages): string[] => [
  ...images,
  ...messages.flatMap((message) => message.images ?? []),
]

export function withoutImages<Of extends MayHaveImages>(recipe: Of): Omit<Of, 'images'> {
  const { images: _, ...rest } = recipe
  const { messages } = recipe
  return messages
    ? { ...rest, messages: messages.map(({ images: _, ...message }) => message) }
    : rest
}

type Change = (image: string) => string | undefined

function mapImages(recipe: Recipe, change: Change): Recipe {
  const { images, messages } = recipe
  return {
    ...recipe,
    ...(images ? { images: changed(images, change) } : {}),
    ...(messages ? { messages: messages.map((message) => ofMessage(message, change)) } : {}),
  }
}

const ofMessage = <Message extends { images?: string[] | undefined }>(
  message: Message,
  change: Change,
): Message => (message.images ? { ...message, images: changed(message.images, change) } : message)

const changed = (images: readonly string[], change: Change) =>
  images.map(change).filter((image): image is string => image !== undefined)
