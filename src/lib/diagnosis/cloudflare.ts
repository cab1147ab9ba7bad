import type { Response } from './evidence.ts'
import type { ReasonName } from './reasons/index.ts'

const isFromCloudflare = ({ headers }: Response) => headers.server === 'cloudflare'
const HTML_CODES = [
  /cf-error-code[^>]*>\s*(\d{3,4})\s*</,
  /errorcode_(\d{3,4})/,
  /Error (1\d{3})\b/,
  /Error code (\d{3})\b/,
] as const

/**
 * The error code in an answer that Cloudflare's edge made itself, in any of its three shapes
 * (RFC 9457 JSON, `error code: 1033`, HTML page). `null`: the edge did not make it.
 */
export function cloudflareCode(answer: Response): number | null {
  const { status, headers, body } = answer
  const json = /"cloudflare_error":\s*true/.test(body) ? /"error_code":\s*(\d+)/.exec(body) : null
  const text = /^error code: (\d{3,4})\s*$/.exec(body)
  const found = json ?? text ?? codeOfPage(answer)
  if (found) return Number(found[1])
  const header = /^\d{3,4}$/.exec(headers['cf-error-type'] ?? '')
  if (header) return Number(header[0])
  return isFromCloudflare(answer) && (status === 530 || (status >= 520 && status <= 526))
    ? status
    : null
}

/** Any page may mention Cloudflare; only the edge's own pages have its markup or its `Server` header. */
function codeOfPage(answer: Response): RegExpExecArray | null {
  const { body, status } = answer
  const isEdgePage =
    /cf-error-details|cf-wrapper|cf-error-code/.test(body) || isFromCloudflare(answer)
  if (!isEdgePage || status < 400) return null
  for (const pattern of HTML_CODES) {
    const found = pattern.exec(body)
    if (found) return found
  }
  return null
}

const FORBIDDEN_TARGETS = [1000, 1001, 1002, 1004, 1013, 1014, 1018, 1019, 1021, 1023, 1024, 1042]
const REFUSALS = [1005, 1006, 1007, 1008, 1009, 1011, 1012, 1020, 1106]
const EDGE_FAULTS = [500, 1101, 1102, 1200]

/** The reason for each code; other codes stay unnamed. Source: Cloudflare's documentation of 1xxx and 5xx errors. */
export const CLOUDFLARE_CODES: ReadonlyMap<number, ReasonName> = new Map<number, ReasonName>([
  ...FORBIDDEN_TARGETS.map((code) => [code, 'edge_forbidden_target'] as const),
  ...REFUSALS.map((code) => [code, 'edge_rule_blocked'] as const),
  ...EDGE_FAULTS.map((code) => [code, 'edge_fault'] as const),
  [1003, 'address_literal_refused'],
  [1010, 'agent_banned'],
  [1015, 'rate_limited'],
  [1016, 'edge_cannot_resolve'],
  [1033, 'cloudflared_not_connected'],
  [502, 'origin_refused'],
  [503, 'edge_fault'],
  [504, 'proxy_waited'],
  [520, 'edge_odd_answer'],
  [521, 'edge_refused'],
  [522, 'edge_no_connection'],
  [523, 'edge_no_connection'],
  [524, 'proxy_waited'],
  [525, 'edge_handshake'],
  [526, 'certificate_rejected'],
  [530, 'edge_name_or_tunnel'],
])
