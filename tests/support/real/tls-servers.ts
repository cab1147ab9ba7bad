import { connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { Sockets } from '../../../simulator/ports.ts'
import type { CertificateName, Certificates } from './certificates.ts'
import type { TlsCase } from './tls-states.ts'

/** The home behind it sees plain bytes. */
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
export function tlsServer(kind: TlsCase, papers: Certificates, home: number): Server {
  const withPaper = (name: CertificateName, options: TlsOptions = {}) =>
    createTlsServer({ ...papers.of(name), ...options }, passTo(home))
  const chain = () => `${papers.of('chained').cert}${papers.of('middle').cert}`
  const old = {
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  } as const
  const servers: Record<TlsCase, () => Server> = {
    good: () => withPaper('good'),
    chain: () => withPaper('chained', { cert: chain() }),
    self: () => withPaper('self'),
    expired: () => withPaper('expired'),
    early: () => withPaper('early'),
    elsewhere: () => withPaper('elsewhere'),
    'half a chain': () => withPaper('chained'),
    old: () => withPaper('good', old),
    'asks back': () => withPaper('good', { requestCert: true, rejectUnauthorized: true }),
    'unknown name': () =>
      withPaper('good', { SNICallback: (_name, answer) => answer(new Error('unknown name')) }),
    plain: () => createServer(passTo(home)),
    closes: () => createServer(close),
    resets: () => createServer(reset),
  }
  const server = servers[kind]()
  // A peer that refuses the certificate is what these are for.
  return server.on('tlsClientError', () => undefined)
}

/** Ends a server together with whoever still holds a connection to it. */
export function ender(server: Server): () => Promise<void> {
  const sockets = new Sockets()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  return async () => {
    sockets.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}
