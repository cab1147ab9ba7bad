import type { Evidence, Response } from '../evidence.ts'
import type { ReasonName } from '../reasons/index.ts'

/** One way to recognise who made an answer that is not Ollama's. */
export interface Fingerprint {
  reason: ReasonName
  when: (answer: Response, evidence: Evidence) => boolean
}

export const isEmpty = ({ body }: Response) => body.trim() === ''
export const isRedirect = ({ status }: Response) => status >= 300 && status < 400 && status !== 304

export const has =
  (pattern: RegExp) =>
  ({ body }: Response) =>
    pattern.test(body)

export const hasStatus =
  (...wanted: number[]) =>
  ({ status }: Response) =>
    wanted.includes(status)

/** Where a redirect leads. `null`: nowhere that can be read. */
export function targetOf({ headers }: Response, origin: string): URL | null {
  const location = headers.location ?? ''
  return location !== '' && URL.canParse(location, origin) ? new URL(location, origin) : null
}
