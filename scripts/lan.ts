import { createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'
import { pipeline } from 'node:stream'

export interface Network {
  /** Where to listen. The first is the one that a phone most likely reaches. */
  addresses: string[]
  /** The names and addresses of this machine in the network. */
  hosts: string[]
}

/** Bridges and tunnels of other programs: no phone reaches them. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|utun|tun|tap|wg|zt|tailscale|lo)/i
const PRIVATE = /^(192\.168|10\.|172\.(1[6-9]|2\d|3[01]))/

/** The addresses of this machine in its networks, or only the given one (`--lan=ADDRESS`). */
export function findNetwork(given: string | undefined): Network {
  const found = Object.entries(networkInterfaces())
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, all = []]) => all.filter(({ family, internal }) => family === 'IPv4' && !internal))
    .map(({ address }) => address)
    .sort((one, other) => Number(PRIVATE.test(other)) - Number(PRIVATE.test(one)))
  const addresses = given ? [given] : found
  const name = hostname()
    .toLowerCase()
    .replace(/\.local$/, '')
  return { addresses, hosts: [...addresses, name, `${name}.local`] }
}

/** Headers that would make the Worker believe in another client address, or that belong to one connection. */
const DROPPED_HEADERS =
  /^(forwarded|x-forwarded-.*|x-real-ip|via|cf-.*|mf-.*|connection|keep-alive|proxy-.*|te|trailer|upgrade)$/i

/**
 * Serves the network: forwards every request to the server on loopback, with the client's address in a header, so that
 * a client in the network never counts as the user of this machine. Throws a sentence if an address cannot be used.
 */
export async function serveNetwork({ addresses }: Network, port: number): Promise<() => void> {
  const servers = addresses.map(() => createServer((from, to) => forward(from, to, port)))
  const stop = () => {
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
  }
  try {
    await Promise.all(servers.map((server, nth) => listen(server, port, addresses[nth] ?? '')))
    return stop
  } catch (error) {
    stop()
    throw error
  }
}

const listen = (server: ReturnType<typeof createServer>, port: number, address: string) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `Porchlight cannot listen at ${address}:${port} (${code}). Try another port: PORT=9000 npm start -- --lan`,
        ),
      ),
    )
    server.listen(port, address, resolve)
  })

function forward(from: IncomingMessage, to: ServerResponse, port: number) {
  const headers = pairs(from.rawHeaders).filter(([name]) => !DROPPED_HEADERS.test(name))
  const marked = [...headers, ['X-Forwarded-For', from.socket.remoteAddress ?? 'unknown']].flat()
  const { method, url: path } = from
  const onward = send(
    { host: '127.0.0.1', port, method, path, headers: marked, setHost: false },
    (answer) => {
      to.writeHead(
        answer.statusCode ?? 500,
        pairs(answer.rawHeaders)
          .filter(([name]) => !DROPPED_HEADERS.test(name))
          .flat(),
      )
      to.flushHeaders()
      pipeline(answer, to, () => onward.destroy())
    },
  )
  onward.once('error', () => to.destroy())
  to.once('close', () => onward.destroy())
  pipeline(from, onward, () => undefined)
}

const pairs = (raw: readonly string[]): [string, string][] =>
  raw.flatMap((name, at) =>
    at % 2 === 0 ? [[name, raw[at + 1] ?? ''] satisfies [string, string]] : [],
  )
