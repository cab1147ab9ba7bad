import { cloudflareCode, CLOUDFLARE_CODES } from '../cloudflare.ts'
import type { Evidence, Response } from '../evidence.ts'
import type { ReasonName } from '../reasons/index.ts'
import { nameProblem } from '../no-response.ts'
import { WALL_SIGNS } from './access.ts'
import { ACCESS_SIGNS, NGROK_REASONS, PROVIDER_SIGNS } from './providers.ts'
import { SERVER_SIGNS } from './servers.ts'
import type { Fingerprint } from './fingerprint.ts'

/** First match wins, so a sign that only one program can give stands before signs that several share. */
const SHARED_SIGNS: readonly Fingerprint[] = [...PROVIDER_SIGNS, ...WALL_SIGNS, ...SERVER_SIGNS]

/**
 * The reason that an answer gives which is not Ollama's: what it says about the hop that made it.
 * `unnamed` keeps the evidence for the person to copy.
 */
export function readForeign(answer: Response, evidence: Evidence): ReasonName {
  const first = (signs: readonly Fingerprint[]) =>
    signs.find((sign) => sign.when(answer, evidence))?.reason
  return (
    readNgrok(answer) ??
    first(ACCESS_SIGNS) ??
    readCloudflare(answer, evidence) ??
    first(SHARED_SIGNS) ??
    'unnamed'
  )
}

function readNgrok({ headers }: Response): ReasonName | undefined {
  const code = headers['ngrok-error-code']
  if (code === undefined) return undefined
  return NGROK_REASONS.get(code) ?? 'provider_refuses'
}

/** 530 alone says "name or tunnel", and 1016 only that Cloudflare could not resolve something: the resolver knows more. */
function readCloudflare(answer: Response, evidence: Evidence): ReasonName | undefined {
  const code = cloudflareCode(answer)
  if (code === null) return undefined
  const isAboutName = code === 530 || code === 1016 || (code >= 521 && code <= 523)
  return (isAboutName ? nameProblem(evidence) : null) ?? CLOUDFLARE_CODES.get(code) ?? 'unnamed'
}
