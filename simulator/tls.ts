/** A port that speaks TLS, or breaks it in one of the ways that servers do. */
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { Server as TlsServer, TlsOptions } from 'node:tls'
import { CERTIFICATES, KEY } from './certificates.ts'
import type { TlsFault } from './fault.ts'

const served = (name: keyof typeof CERTIFICATES, more: TlsOptions = {}): TlsOptions => ({
  key: KEY,
  cert: CERTIFICATES[name],
  ...more,
})

const OPTIONS = {
  inTime: served('inTime'),
  expired: served('expired'),
  notYet: served('notYet'),
  otherName: served('otherName'),
  wantsClientCertificate: served('inTime', { requestCert: true, rejectUnauthorized: true }),
  // OpenSSL forbids versions this old by default.
  oldProtocol: served('inTime', {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  }),
} as const satisfies Record<Exclude<TlsFault, 'hangsUp'>, TlsOptions>

const hangUp = (socket: Socket) => {
  socket.on('error', () => socket.destroy())
  socket.once('data', () => socket.destroy())
}

/** `wanted` is called for each connection. Decrypted data goes to `serve`. */
export function createSecureServer(
  wanted: () => TlsFault,
  serve: (socket: Socket) => void,
): Server {
  const servers = new Map<TlsFault, TlsServer>()
  const serverFor = (fault: keyof typeof OPTIONS) => {
    const server =
      servers.get(fault) ??
      createTlsServer(OPTIONS[fault], serve).on('tlsClientError', () => undefined)
    servers.set(fault, server)
    return server
  }
  return createServer((socket) => {
    const fault = wanted()
    socket.on('error', () => socket.destroy())
    if (fault === 'hangsUp') hangUp(socket)
    else serverFor(fault).emit('connection', socket)
  })
}
