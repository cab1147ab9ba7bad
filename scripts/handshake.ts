import { isIP } from 'node:net'
import { checkServerIdentity, connect, type TLSSocket } from 'node:tls'
import type { Handshake } from '../src/lib/diagnosis/index.ts'

const TIMEOUT_MS = 1500
/** Errors of a certificate whose issuer is trusted; the dates and names tell which of them it is. */
const TRUSTED_ISSUER_ERRORS = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** Completes a TLS handshake whatever the certificate, and describes it. Trust is Node's, with `NODE_EXTRA_CA_CERTS`. */
export function inspectCertificate(name: string, port: number): Promise<Handshake> {
  const host = name.replace(/^\[|\]$/g, '')
  const seenAt = new Date().toISOString()
  const unknown = { isTrusted: false, fitsName: false, validFrom: seenAt, validTo: seenAt, seenAt }
  return new Promise((resolve) => {
    // Only the handshake is sent, so an untrusted server learns no secret.
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
    socket.setTimeout(TIMEOUT_MS, () => end({ ...unknown, error: 'ETIMEDOUT' }))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end({ ...unknown, error: error.code ?? error.message }),
    )
    socket.once('secureConnect', () => end({ ...unknown, ...certificateOf(socket, host), seenAt }))
  })
}

function certificateOf(
  socket: TLSSocket,
  host: string,
): Partial<Handshake> & { error: string | null } {
  const certificate = socket.getPeerCertificate()
  if (!certificate.valid_from || !certificate.valid_to) return { error: 'NO_CERTIFICATE' }
  // Node's types say it is an error; at run time it is the error's code, or null.
  const errorCode = String(socket.authorizationError)
  return {
    error: null,
    isTrusted: socket.authorized || TRUSTED_ISSUER_ERRORS.has(errorCode),
    fitsName: checkServerIdentity(host, certificate) === undefined,
    validFrom: new Date(certificate.valid_from).toISOString(),
    validTo: new Date(certificate.valid_to).toISOString(),
  }
}
