import type { Recipe } from '../../src/lib/contract/recipe.ts'
import type { RunDetail } from '../../src/lib/contract/runs.ts'
import type { SharedRun, Show } from '../../src/lib/contract/shares.ts'
import { definedOnly } from './defined-only.ts'

type Message = NonNullable<Recipe['messages']>[number]

/** A copy of a run for guests, with only the parts that `show` allows. */
export function sharedRunOf(
  { state, endedAt, recipe, output, receipt }: RunDetail,
  show: Show,
): SharedRun {
  return {
    state,
    endedAt,
    recipe: visibleRecipe(recipe, show),
    output: {
      text: output.text,
      toolCalls: output.toolCalls,
      ...(show.thinking ? { thinking: output.thinking } : {}),
    },
    receipt: show.stats ? receipt : null,
  }
}

function visibleRecipe(
  { model, prompt, messages, system, options, format, tools, think, images }: Recipe,
  show: Show,
): SharedRun['recipe'] {
  const parts = {
    prompt,
    options,
    format,
    tools,
    think,
    messages: messages
      ?.filter(({ role }) => show.system || role !== 'system')
      .map((one) => visibleMessage(one, show)),
    system: show.system ? system : undefined,
    images: show.images ? images : undefined,
  }
  return { model, ...definedOnly(parts) }
}

function visibleMessage({ images, thinking, ...message }: Message, show: Show): Message {
  return {
    ...message,
    ...(show.images && images ? { images } : {}),
    ...(show.thinking && thinking !== undefined ? { thinking } : {}),
  }
}
