/** Everything a log line may contain. Addresses, headers and prompts have no field, so they cannot be logged. */
interface Line {
  /** The route pattern of the request, never its path. */
  route?: string
  status?: number
  ms?: number
  /** The caller: `owner`, `stranger`, or its kind and id. */
  who?: string
  code?: string
  id?: string
  /** Logged by class and stack; its message may quote a prompt. */
  error?: unknown
}

/** The first line of a stack is the message. */
const STACK_FRAMES = /^\s+at .+$/gm
const MAX_FRAMES = 8

/** The only way to write to the log. */
export function log({ error, ...line }: Line) {
  const details = error === undefined ? {} : { error: nameOf(error), at: framesOf(error) }
  console.log(JSON.stringify({ t: new Date().toISOString(), ...line, ...details }))
}

const nameOf = (error: unknown) => (error instanceof Error ? error.constructor.name : typeof error)

const framesOf = (error: unknown) =>
  error instanceof Error
    ? (error.stack?.match(STACK_FRAMES) ?? []).slice(0, MAX_FRAMES).map((place) => place.trim())
    : []
