import type { Answer, Evidence, Response } from '../evidence.ts'
import type { ReasonName } from '../reasons/index.ts'

/** One way to recognise the program that sent an answer in Ollama's place. */
export interface Fingerprint {
  reason: ReasonName
  when: (answer: Response, evidence: Evidence) => boolean
}

export const isEmpty = ({ body }: Response) => body.trim() === ''
/** Ollama's Host check answers like this, and so do some proxies. */
export const isEmptyRefusal = (answer: Answer | undefined) =>
  answer?.kind === 'response' && answer.status === 403 && isEmpty(answer)
export const isRedirect = ({ status }: Response) => status >= 300 && status < 400 && status !== 304

export const has =
  (pattern: RegExp) =>
  ({ body }: Response) =>
    pattern.test(body)

export const hasStatus =
  (...statuses: number[]) =>
  ({ status }: Response) =>
    statuses.includes(status)

/** The target of a redirect. `null`: missing or not a valid URL. */
export function targetOf({ headers }: Response, origin: string): URL | null {
  const location = headers.location ?? ''
  return location !== '' && URL.canParse(location, origin) ? new URL(location, origin) : null
}
