import { connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { Sockets } from '../../../simulator/ports.ts'
import type { CertificateName, Certificates } from './certificates.ts'
import type { TlsCase } from './tls-states.ts'

/** The home behind it receives plain bytes. */
const passTo = (home: number) => (socket: Socket) => {
  const there = connect(home, '127.0.0.1')
  for (const end of [socket, there]) end.on('error', () => undefined)
  socket.pipe(there).pipe(socket)
}

const reset = (socket: Socket) =>
  socket.once('data', () => socket.resetAndDestroy()).on('error', () => undefined)
const close = (socket: Socket) =>
  void socket
    .on('error', () => undefined)
    .resume()
    .end()

/** One server for each case, in front of the home at a port. */
export function tlsServer(kind: TlsCase, certificates: Certificates, home: number): Server {
  const withCertificate = (name: CertificateName, options: TlsOptions = {}) =>
    createTlsServer({ ...certificates.of(name), ...options }, passTo(home))
  const chain = () => `${certificates.of('chained').cert}${certificates.of('middle').cert}`
  const old = {
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  } as const
  const servers: Record<TlsCase, () => Server> = {
    good: () => withCertificate('good'),
    chain: () => withCertificate('chained', { cert: chain() }),
    self: () => withCertificate('self'),
    expired: () => withCertificate('expired'),
    early: () => withCertificate('early'),
    elsewhere: () => withCertificate('elsewhere'),
    'half a chain': () => withCertificate('chained'),
    old: () => withCertificate('good', old),
    'asks back': () => withCertificate('good', { requestCert: true, rejectUnauthorized: true }),
    'unknown name': () =>
      withCertificate('good', {
        SNICallback: (_name, answer) => answer(new Error('unknown name')),
      }),
    plain: () => createServer(passTo(home)),
    closes: () => createServer(close),
    resets: () => createServer(reset),
  }
  const server = servers[kind]()
  // A client that rejects the certificate is the point of these servers.
  return server.on('tlsClientError', () => undefined)
}

/** Closes a server together with its open connections. */
export function ender(server: Server): () => Promise<void> {
  const sockets = new Sockets()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  return async () => {
    sockets.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}
