/** All that may ever stand in a log. No address, no header, no word of anybody: there is no field for them. */
interface Line {
  /** Of a request: its route as the code spells it, never its path. */
  route?: string
  status?: number
  ms?: number
  /** Who asked: `owner`, `stranger`, or the kind and its id. */
  who?: string
  code?: string
  id?: string
  /** Its class and where it was thrown. What it says may quote what was asked. */
  error?: unknown
}

/** Code's own places: `at name (file:line:column)`. The first line of a stack is the message. */
const PLACES = /^\s+at .+$/gm
const MOST_PLACES = 8

/** The one way to say something to whoever runs this. */
export function log({ error, ...line }: Line) {
  const told = error === undefined ? {} : { error: nameOf(error), at: placesOf(error) }
  console.log(JSON.stringify({ t: new Date().toISOString(), ...line, ...told }))
}

const nameOf = (error: unknown) => (error instanceof Error ? error.constructor.name : typeof error)

const placesOf = (error: unknown) =>
  error instanceof Error
    ? (error.stack?.match(PLACES) ?? []).slice(0, MOST_PLACES).map((place) => place.trim())
    : []
