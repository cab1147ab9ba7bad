import { cloudflareCode, CLOUDFLARE_CODES } from '../cloudflare.ts'
import type { Evidence, Response } from '../evidence.ts'
import type { ReasonName } from '../reasons/index.ts'
import { nameProblem } from '../no-response.ts'
import { WALL_FINGERPRINTS } from './access.ts'
import { ACCESS_FINGERPRINTS, NGROK_REASONS, PROVIDER_FINGERPRINTS } from './providers.ts'
import { SERVER_FINGERPRINTS } from './servers.ts'
import type { Fingerprint } from './fingerprint.ts'

/** The first match wins, so fingerprints of a single program stand before those that several share. */
const SHARED_FINGERPRINTS: readonly Fingerprint[] = [
  ...PROVIDER_FINGERPRINTS,
  ...WALL_FINGERPRINTS,
  ...SERVER_FINGERPRINTS,
]

/**
 * The reason for an answer that is not Ollama's, from the program on the way that sent it.
 * For `unnamed`, the owner can copy the evidence.
 */
export function reasonForForeignAnswer(answer: Response, evidence: Evidence): ReasonName {
  const first = (fingerprints: readonly Fingerprint[]) =>
    fingerprints.find(({ when }) => when(answer, evidence))?.reason
  return (
    reasonForNgrok(answer) ??
    first(ACCESS_FINGERPRINTS) ??
    reasonForCloudflare(answer, evidence) ??
    first(SHARED_FINGERPRINTS) ??
    'unnamed'
  )
}

function reasonForNgrok({ headers }: Response): ReasonName | undefined {
  const code = headers['ngrok-error-code']
  if (code === undefined) return undefined
  return NGROK_REASONS.get(code) ?? 'provider_refuses'
}

/** 530 alone means "name or tunnel", and 1016 only that Cloudflare could not resolve a name; the resolver knows more. */
function reasonForCloudflare(answer: Response, evidence: Evidence): ReasonName | undefined {
  const code = cloudflareCode(answer)
  if (code === null) return undefined
  const isAboutName = code === 530 || code === 1016 || (code >= 521 && code <= 523)
  return (isAboutName ? nameProblem(evidence) : null) ?? CLOUDFLARE_CODES.get(code) ?? 'unnamed'
}
