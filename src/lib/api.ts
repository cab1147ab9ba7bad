import { hc } from 'hono/client'
import type { Api } from '../../worker/api.ts'
import { PROBLEM_TYPE, type Problem } from './contract/problem.ts'

const UNAUTHORIZED = 401
const NOT_FOUND = 404

const UNREACHABLE =
  'This page cannot reach Porchlight itself. Check that this device is online and that Porchlight is running, then try again.'

/** A request that failed. Its message says what failed, and is meant for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** `null`: there was no response, or it was not a problem. */
  readonly problem: Problem | null
  /** `null`: there was no response. */
  readonly status: number | null
  readonly retryAfterS: number

  constructor(message: string, response?: Response, problem: Problem | null = null) {
    super(message)
    this.problem = problem
    this.status = response?.status ?? null
    this.retryAfterS = Number(response?.headers.get('Retry-After') ?? 0)
  }
}

let notSignedIn = () => {}

/** Registers what to do when the API answers that this browser is not signed in. */
export function whenNotSignedIn(listener: () => void) {
  notSignedIn = listener
}

async function fetchOrThrow(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(input, init).catch((error: unknown) => {
    throw init?.signal?.aborted ? error : new ApiError(UNREACHABLE)
  })
  if (response.status === UNAUTHORIZED) notSignedIn()
  if (!response.ok) throw await errorOf(response)
  return response
}

/** A proxy in front of Porchlight may answer with a page of its own. */
async function errorOf(response: Response): Promise<ApiError> {
  const isProblem = response.headers.get('Content-Type')?.startsWith(PROBLEM_TYPE) ?? false
  const problem = isProblem ? ((await response.json().catch(() => null)) as Problem | null) : null
  const message =
    problem?.detail ??
    `Porchlight answered with status ${response.status} and gave no reason. Try again in a moment.`
  return new ApiError(message, response, problem)
}

/** On plain HTTP in the local network only this header proves that the request comes from our own page. */
const headers = { 'X-Porchlight': 'page' }

/** The Worker as typed functions. A call resolves only with a successful response; otherwise it throws `ApiError`. */
export const apiAt = (base: string) => hc<Api>(base, { headers, fetch: fetchOrThrow })

/** The one place where the page calls the Worker. */
export const api = apiAt('/')

/** The JSON body of a response. */
export async function request<Body>(sent: Promise<{ json: () => Promise<Body> }>): Promise<Body> {
  const response = await sent
  return response.json().catch(() => {
    throw new ApiError(UNREACHABLE)
  })
}

/** The body of a response that arrives in parts. */
export function streamOf({ body }: Pick<Response, 'body'>): ReadableStream<Uint8Array> {
  if (!body) throw new ApiError(UNREACHABLE)
  return body
}

/** Waits for a deletion. Another device may have been quicker, which is as good. */
export async function deletion(sent: Promise<unknown>): Promise<void> {
  await sent.catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === NOT_FOUND)) throw error
  })
}

/** What failed, in a sentence. An error that is not an `ApiError` comes from a connection that broke off. */
export const sentenceFor = (error: unknown) =>
  error instanceof ApiError ? error.message : UNREACHABLE

/** The sentence for the error that `act` throws; empty when it succeeds. */
export async function failureOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
    return ''
  } catch (error) {
    return sentenceFor(error)
  }
}
