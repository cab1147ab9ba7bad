import type { Response } from './evidence.ts'
import type { ReasonName } from './reasons/index.ts'

/**
 * The error code in an answer that Cloudflare's edge made itself, in any of its three shapes
 * (RFC 9457 JSON, `error code: 1033`, HTML page). `null`: not such an answer.
 */
export function cloudflareCode({ status, headers, body }: Response): number | null {
  const json = /"cloudflare_error":\s*true/.test(body) ? /"error_code":\s*(\d+)/.exec(body) : null
  const text = /^error code: (\d{3,4})\s*$/.exec(body)
  const html = /cf-error-details|cf-wrapper|cloudflare/i.test(body)
    ? (/errorcode_(\d{3,4})/.exec(body) ?? /Error (1\d{3})\b/.exec(body) ?? /Error code (\d{3})\b/.exec(body))
    : null
  const found = json ?? text ?? html
  if (found) return Number(found[1])
  return headers.server === 'cloudflare' && (status === 530 || (status >= 520 && status <= 526)) ? status : null
}

const FORBIDDEN_TARGETS = [1000, 1001, 1002, 1004, 1013, 1014, 1018, 1019, 1023, 1024, 1042]
const REFUSALS = [1005, 1006, 1007, 1008, 1009, 1010, 1012, 1020, 1021, 1106]

/** What each code says. Codes that are not here stay unnamed. Sources: Cloudflare's 1xxx and 5xx error pages. */
export const CLOUDFLARE_CODES: ReadonlyMap<number, ReasonName> = new Map<number, ReasonName>([
  ...FORBIDDEN_TARGETS.map((code) => [code, 'edge_forbidden_target'] as const),
  ...REFUSALS.map((code) => [code, 'rule_blocked'] as const),
  [1003, 'address_literal_refused'],
  [1015, 'rate_limited'],
  [1016, 'name_not_found'],
  [1033, 'cloudflared_not_connected'],
  [502, 'origin_refused'],
  [504, 'proxy_waited'],
  [520, 'edge_odd_answer'],
  [521, 'edge_no_connection'],
  [522, 'edge_no_connection'],
  [523, 'edge_no_connection'],
  [524, 'proxy_waited'],
  [525, 'tls_handshake'],
  [526, 'certificate_rejected'],
  [530, 'edge_name_or_tunnel'],
])
