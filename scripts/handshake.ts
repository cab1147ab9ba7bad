import { isIP } from 'node:net'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import type { Handshake } from '../src/lib/diagnosis/index.ts'

const TIMEOUT_MS = 1500
/** Faults of a certificate whose issuer is trusted all the same; they are told apart by its dates and names. */
const OTHER_FAULTS = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Shakes hands with any certificate and tells what it was. Node's trust counts, with `NODE_EXTRA_CA_CERTS`. */
export function lookAtCertificate(name: string, port: number): Promise<Handshake> {
  const host = name.replace(/^\[|\]$/g, '')
  const seenAt = new Date().toISOString()
  const nothing = { isTrusted: false, fitsName: false, validFrom: seenAt, validTo: seenAt, seenAt }
  return new Promise((resolve) => {
    // Nothing but a greeting is sent: whoever it is, it learns nothing that is worth a trusted line.
    const socket = connect({
      host,
      port,
      rejectUnauthorized: false,
      ...(isIP(host) ? {} : { servername: host }),
    })
    const end = (handshake: Handshake) => {
      socket.destroy()
      resolve(handshake)
    }
    socket.setTimeout(TIMEOUT_MS, () => end({ ...nothing, error: 'ETIMEDOUT' }))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end({ ...nothing, error: error.code ?? error.message }),
    )
    socket.once('secureConnect', () => end({ ...nothing, ...certificateOf(socket, host), seenAt }))
  })
}

function certificateOf(
  socket: TLSSocket,
  host: string,
): Partial<Handshake> & { error: string | null } {
  const certificate = socket.getPeerCertificate()
  if (!certificate.valid_from || !certificate.valid_to) return { error: 'NO_CERTIFICATE' }
  // Node types it as an error and sets its code as a text.
  const fault = String(socket.authorizationError ?? '')
  return {
    error: null,
    isTrusted: socket.authorized || OTHER_FAULTS.has(fault),
    fitsName: checkServerIdentity(host, certificate) === undefined,
    validFrom: new Date(certificate.valid_from).toISOString(),
    validTo: new Date(certificate.valid_to).toISOString(),
  }
}
