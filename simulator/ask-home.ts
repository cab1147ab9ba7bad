/** Sends requests to a home with fetch; for tests. */
import type { Home } from './home.ts'

export const STORY = { model: 'llama3.2', prompt: 'Tell me a story about a lighthouse.' }

export interface Line {
  response?: string
  thinking?: string
  message?: { content: string; tool_calls?: { function: { name: string; arguments: object } }[] }
  done: boolean
  done_reason?: string
  eval_count?: number
  eval_duration?: number
  total_duration?: number
}

export interface Loaded {
  name: string
  expires_at: string
}

export function post(
  home: Home,
  path: string,
  body: object,
  signal: AbortSignal | null = null,
): Promise<Response> {
  return fetch(home.url + path, { method: 'POST', body: JSON.stringify(body), signal })
}

export async function ask(home: Home, body: object, path = '/api/generate'): Promise<Line[]> {
  const text = await (await post(home, path, body)).text()
  return text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Line] : []))
}

export function textOf(lines: readonly Line[]): string {
  return lines.map((line) => line.response ?? line.message?.content ?? '').join('')
}

export async function getJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T
}

export async function loaded(home: Home): Promise<Loaded[]> {
  return (await getJson<{ models: Loaded[] }>(`${home.url}/api/ps`)).models
}

export async function loadedNames(home: Home): Promise<string[]> {
  return (await loaded(home)).map(({ name }) => name)
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms))

export async function until(isSo: () => boolean, withinMs = 1000): Promise<void> {
  const end = performance.now() + withinMs
  while (!isSo() && performance.now() < end) await sleep(5)
}
