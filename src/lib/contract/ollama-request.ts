import type { Recipe } from './recipe.ts'

/** A recipe in Ollama's format: the path, and the body without `stream`. Absent fields stay absent: Ollama has its own defaults. */
export interface OllamaRequest {
  path: '/api/generate' | '/api/chat'
  body: Record<string, unknown>
}

export const ollamaRequest = (recipe: Recipe): OllamaRequest =>
  recipe.messages === undefined
    ? { path: '/api/generate', body: generateBody(recipe) }
    : { path: '/api/chat', body: chatBody(recipe) }

function generateBody(recipe: Recipe) {
  const { prompt = '', system, images, raw } = recipe
  return { ...sharedFields(recipe), prompt, ...present({ system, images, raw }) }
}

function chatBody(recipe: Recipe) {
  const { messages = [], system, tools } = recipe
  const said = messages.map(({ toolCalls, toolName, toolCallId, ...message }) => ({
    ...message,
    ...present({ tool_calls: toolCalls, tool_name: toolName, tool_call_id: toolCallId }),
  }))
  return {
    ...sharedFields(recipe),
    messages: system === undefined ? said : [{ role: 'system', content: system }, ...said],
    ...present({ tools }),
  }
}

/** The fields that both routes share, in Ollama's spelling. */
function sharedFields({
  model,
  options,
  format,
  think,
  keepAlive,
  strict,
  logprobs,
  topLogprobs,
}: Recipe) {
  return present({
    model,
    options,
    format,
    think,
    keep_alive: keepAlive,
    logprobs,
    top_logprobs: topLogprobs,
    // Ollama then cuts nothing silently: a prompt that does not fit is refused, and an answer that does not fit ends.
    ...(strict ? { truncate: false, shift: false } : {}),
  })
}

const present = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
