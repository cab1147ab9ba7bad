import { ollamaRequest } from '../contract/ollama-request.ts'
import type { Recipe } from '../contract/recipe.ts'
import { JAVASCRIPT, json, literal, PYTHON, shellQuoted } from './literals.ts'
import { modelfileOf } from './modelfile.ts'

/** Snippets run on the machine at home, where Ollama listens here by default. */
export const AT_HOME = 'http://localhost:11434'
/** Some systems limit a single argument to 128 KiB, so a longer body is passed on standard input. */
const MAX_ARGUMENT_BYTES = 100_000

interface Snippet {
  label: string
  /** What the snippet calls, and where it runs. */
  about: string
  /** `here` is the origin of this Porchlight. */
  write: (recipe: Recipe, here: string) => string
}

export const SNIPPETS = {
  curl: {
    label: 'curl',
    about: `asks Ollama at ${AT_HOME}`,
    write: (recipe) => curl(`${AT_HOME}${ollamaRequest(recipe).path}`, [], bodyOf(recipe)),
  },
  javascript: { label: 'JavaScript', about: `fetch, asks Ollama at ${AT_HOME}`, write: javascript },
  python: { label: 'Python', about: `no packages, asks Ollama at ${AT_HOME}`, write: python },
  modelfile: { label: 'Modelfile', about: 'for ollama create, at home', write: modelfileOf },
  porchlight: {
    label: 'curl, here',
    about: 'asks this Porchlight, from anywhere; the run is saved',
    write: (recipe, here) =>
      curl(`${here}/api/runs`, ['-N', '-H "Accept: text/event-stream"', ...tokenFor(here)], recipe),
  },
} as const satisfies Record<string, Snippet>

export type SnippetName = keyof typeof SNIPPETS

const bodyOf = (recipe: Recipe) => ({ ...ollamaRequest(recipe).body, stream: false })

/** On loopback the caller is the owner. From anywhere else, the request needs a token. */
const tokenFor = (here: string) =>
  /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/.test(here)
    ? []
    : ['-H "Authorization: Bearer $PORCHLIGHT_TOKEN"']

function curl(url: string, flags: readonly string[], body: unknown): string {
  const text = json(body)
  const head = ['curl', ...flags, url, '-H "Content-Type: application/json"'].join(' ')
  return new TextEncoder().encode(text).byteLength < MAX_ARGUMENT_BYTES
    ? `${head} -d ${shellQuoted(text)}`
    : `${head} --data-binary @- <<'END_OF_RECIPE'\n${text}\nEND_OF_RECIPE`
}

/** The path of the answer text in the response of each route. */
const ANSWER_PATHS = { '/api/generate': ['response'], '/api/chat': ['message', 'content'] } as const

function javascript(recipe: Recipe): string {
  const { path } = ollamaRequest(recipe)
  return `const response = await fetch(${JSON.stringify(AT_HOME + path)}, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(${literal(bodyOf(recipe), JAVASCRIPT, '    ')}),
})
if (!response.ok) throw new Error(await response.text())
const answer = await response.json()
console.log(answer.${ANSWER_PATHS[path].join('.')})
`
}

function python(recipe: Recipe): string {
  const { path } = ollamaRequest(recipe)
  return `import json
import urllib.request

body = ${literal(bodyOf(recipe), PYTHON)}
request = urllib.request.Request(
    ${JSON.stringify(AT_HOME + path)},
    data=json.dumps(body).encode(),
    headers={"Content-Type": "application/json"},
)
with urllib.request.urlopen(request) as response:
    answer = json.load(response)
print(answer${ANSWER_PATHS[path].map((name) => `["${name}"]`).join('')})
`
}
