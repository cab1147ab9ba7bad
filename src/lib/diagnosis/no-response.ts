import { isAddressLiteral, reachOf } from './address.ts'
import type { Evidence, Handshake, Thrown } from './evidence.ts'
import { listedModels, versionOf } from './ollama.ts'
import { providerOfHost } from './providers.ts'
import type { ReasonName } from './reasons/index.ts'

/** The reason for a missing response, from the error, the resolver and the bare connections. */
export function reasonForNoResponse(evidence: Evidence, error: Thrown['error']): ReasonName {
  if (listedModels(evidence.tags) !== null && versionOf(evidence.version) === null)
    return 'every_other_fails'
  // If a connection opens, the name resolves, whatever the resolver says.
  const problem = isOpen(evidence.socket) ? null : nameProblem(evidence)
  if (problem) return problem
  if (evidence.control === 'silent') return 'no_way_out'
  if (error === 'lost') return reasonForLostConnection(evidence)
  if (error === 'internal') return reasonForInternalError(evidence)
  if (error === 'timeout' || error === 'overloaded') return reasonForTimeout(evidence)
  return 'unnamed_silence'
}

const isOpen = (socket: Evidence['socket']) => socket !== undefined && socket !== 'nobody'

function reasonForTimeout({ address, socket, runtime }: Evidence): ReasonName {
  if (socket === 'nobody' && runtime === 'local') return 'not_reachable'
  return providerOfHost(address.host) === 'localtunnel' && isOpen(socket)
    ? 'localtunnel_hangs'
    : 'no_answer'
}

function reasonForLostConnection({ socket, address, runtime }: Evidence): ReasonName {
  if (socket === 'closes') return 'far_end_refuses'
  if (socket === 'speaks') return 'not_http'
  // A deployed Worker may not open sockets to many addresses, so an unopened socket proves nothing there.
  if (socket !== 'nobody' || runtime === 'deployed') return 'connection_dropped'
  if (providerOfHost(address.host) === 'bore') return 'bore_gone'
  return address.reach === 'loopback' ? 'nothing_listens_here' : 'refused'
}

/** A Worker reports DNS errors, TLS errors and connection timeouts all as `internal error`. */
function reasonForInternalError(evidence: Evidence): ReasonName {
  const { address, socket, resolution } = evidence
  if (socket === 'speaks') return 'not_http'
  if (isOpen(socket))
    return address.scheme === 'https' ? reasonForHandshake(evidence) : 'connection_dropped'
  if (resolution || isAddressLiteral(address.host)) return 'not_reachable'
  if (address.reach === 'single_label') return 'docker_name'
  return resolution === null ? 'resolver_silent' : 'name_probably_not_found'
}

const TO_PLAIN = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL/
const CLOSED = /^(ECONNRESET|EPIPE)$|DECRYPTION_FAILED|UNEXPECTED_EOF/

function reasonForHandshake({ address, handshake, secureSocket, socket }: Evidence): ReasonName {
  const isFunnel = providerOfHost(address.host) === 'tailscale'
  if (socket === 'closes') return isFunnel ? 'funnel_offline' : 'tls_closed'
  if (handshake?.error && TO_PLAIN.test(handshake.error)) return 'tls_to_plain'
  if (handshake?.error && CLOSED.test(handshake.error))
    return isFunnel ? 'funnel_offline' : 'tls_closed'
  if (handshake && handshake.error === null)
    return reasonForCertificate(handshake, isOpen(secureSocket))
  if (isFunnel) return 'funnel_offline'
  return isOpen(secureSocket) ? 'client_certificate_wanted' : 'tls_handshake'
}

function reasonForCertificate(
  { isTrusted, fitsName, validFrom, validTo, seenAt }: Handshake,
  opensHere: boolean,
): ReasonName {
  if (validTo < seenAt) return 'certificate_expired'
  if (validFrom > seenAt) return 'certificate_not_yet_valid'
  if (!fitsName) return 'certificate_wrong_name'
  if (!isTrusted) return 'certificate_untrusted'
  // The certificate is fine, so the TLS versions or ciphers differ.
  return opensHere ? 'client_certificate_wanted' : 'tls_handshake'
}

const DNS = { ok: 0, serverFailure: 2, noSuchName: 3 } as const
/** The addresses that resolvers return for a blocked name. */
const BLOCKED = new Set(['0.0.0.0', '::'])
const TUNNEL_INSIDE = /^fd10:aec2:5dae:/i

/** What is wrong with the name, according to the resolver. An unreachable resolver is no evidence. */
export function nameProblem({ resolution, address, runtime }: Evidence): ReasonName | null {
  if (!resolution) return null
  const { status, addresses, aliases = [] } = resolution
  if (
    aliases.some((name) => /\.cfargotunnel\.com\.?$/.test(name)) ||
    addresses.some((one) => TUNNEL_INSIDE.test(one))
  )
    return 'tunnel_unproxied'
  if (status === DNS.noSuchName) return unknownName(address)
  if (status === DNS.serverFailure) return 'name_server_failed'
  if (status !== DNS.ok) return 'name_refused'
  if (addresses.length > 0 && addresses.every((one) => BLOCKED.has(one))) return 'name_blocked'
  if (addresses.length === 0)
    return address.reach === 'public' ? 'name_without_address' : unknownName(address)
  const isPrivate = (one: string) => reachOf(one.includes(':') ? `[${one}]` : one) !== 'public'
  return runtime === 'deployed' && addresses.every(isPrivate) ? 'name_private' : null
}

function unknownName({ host, reach }: Evidence['address']): ReasonName {
  if (reach === 'single_label' || /\.(docker\.)?internal$|\.docker$/.test(host))
    return 'docker_name'
  if (reach === 'home_name') return 'home_name_unknown'
  return providerOfHost(host) === 'quick' ? 'quick_tunnel_gone' : 'name_not_found'
}
