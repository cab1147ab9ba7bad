import type { EvidenceEntry } from './evidence-log.ts'
import { isAddressLiteral } from './address.ts'
import { providerOfHost, PROVIDERS } from './providers.ts'
import type { Verdict } from './conclusion.ts'

/**
 * The evidence as text to send along when asking for help. It leaves out the home's name, addresses, mail addresses and
 * tokens: a helper needs to see the failure, not to reach the home.
 */
export function reportOf(verdict: Omit<Verdict, 'report'>, host: string): string {
  const {
    status,
    cause,
    reason,
    rung,
    confidence,
    alternatives,
    summary,
    why,
    ladder,
    evidence,
    version,
  } = verdict
  const provider = providerOfHost(host)
  const lines = [
    `Porchlight: ${status}, ${cause} (${reason}) at ${rung}, confidence ${confidence}`,
    ...(alternatives.length > 0 ? [`Or: ${alternatives.join(', ')}`] : []),
    summary,
    `Why: ${why}`,
    `Ladder: ${ladder.map((finding) => `${finding.rung} ${finding.result}`).join(', ')}`,
    ...(version === null ? [] : [`Ollama ${version}`]),
    ...(provider === null ? [] : [`Tunnel: ${PROVIDERS[provider].name}`]),
    ...evidence.flatMap(linesOf),
  ]
  return redact(lines.join('\n'), host)
}

function linesOf({ asked, seen, ms, headers = {}, body = '' }: EvidenceEntry): string[] {
  const took = ms === undefined ? '' : `, ${Math.round(ms)} ms`
  const head = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`)
  return [
    '',
    `${asked}: ${seen}${took}`,
    ...head,
    ...(body.trim() === '' ? [] : [`  ${body.trim()}`]),
  ]
}

const SECRETS = [
  // URLs keep only their path, because the host may belong to the home or its owner.
  [/https?:\/\/[^\s/"'<>?#]+/g, 'https://‹host›'],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '‹mail›'],
  [/\b\d{1,3}(\.\d{1,3}){3}\b/g, '‹address›'],
  // IPv6: seven colons, or two in a row. A time of day has neither.
  [
    /\b(?:[\da-f]{1,4}:){7}[\da-f]{1,4}\b|(?:[\da-f]{1,4}:)*:(?::?[\da-f]{1,4})+|\b(?:[\da-f]{1,4}:)+:/gi,
    '‹address›',
  ],
  [/\b[\w-]{40,}\b/g, '‹token›'],
] as const satisfies readonly (readonly [RegExp, string])[]

function redact(text: string, host: string): string {
  const withoutNames = namesOf(host).reduce(
    (partial, name) => partial.replaceAll(name, '‹home›'),
    text,
  )
  return SECRETS.reduce((partial, [pattern, word]) => partial.replace(pattern, word), withoutNames)
}

/** The host name and its parent domains, which error pages may mention too. Longest first. */
function namesOf(host: string): string[] {
  if (host === '' || isAddressLiteral(host) || host === 'localhost')
    return host.startsWith('[') ? [host] : []
  const labels = host.split('.')
  const zones = labels
    .map((_, index) => labels.slice(index).join('.'))
    .filter((zone) => zone.includes('.'))
  return zones.length > 0 ? zones : [host]
}
