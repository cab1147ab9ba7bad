import type { Recipe } from './recipe.ts'

interface Apart {
  /** The recipe with a number in the place of each image. */
  rest: Recipe
  images: string[]
}

/** A recipe and its images, each for itself: text is small and searched, images are large and are not. */
export function imagesApart(recipe: Recipe): Apart {
  const images: string[] = []
  const rest = mapImages(recipe, (image) => String(images.push(image) - 1))
  return { rest, images }
}

/** The whole recipe again. An image that is not there any more is left out. */
export function withImages({ rest, images }: Apart): Recipe {
  return mapImages(rest, (nth) => images[Number(nth)])
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
