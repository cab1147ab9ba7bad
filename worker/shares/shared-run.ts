import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunDetail } from '../../src/lib/contract/runs.ts'
import type { SharedRun, Show } from '../../src/lib/contract/shares.ts'

type Message = NonNullable<Recipe['messages']>[number]

/** A run as it is shared: a copy that holds what `show` allows, and nothing else. */
export function snapshotOf(
  { state, endedAt, recipe, output, receipt }: RunDetail,
  show: Show,
): SharedRun {
  return {
    ...{ state, endedAt },
    recipe: shownRecipe(recipe, show),
    output: {
      text: output.text,
      toolCalls: output.toolCalls,
      ...(show.thinking ? { thinking: output.thinking } : {}),
    },
    receipt: show.stats ? receipt : null,
  }
}

function shownRecipe(
  { model, prompt, messages, system, options, format, tools, think, images }: Recipe,
  show: Show,
) {
  const parts = {
    ...{ prompt, options, format, tools, think },
    messages: messages
      ?.filter(({ role }) => show.system || role !== 'system')
      .map((one) => shownMessage(one, show)),
    system: show.system ? system : undefined,
    images: show.images ? images : undefined,
  }
  const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
  return { model, ...given } as SharedRun['recipe']
}

function shownMessage({ images, thinking, ...message }: Message, show: Show): Message {
  return {
    ...message,
    ...(show.images && images ? { images } : {}),
    ...(show.thinking && thinking !== undefined ? { thinking } : {}),
  }
}
