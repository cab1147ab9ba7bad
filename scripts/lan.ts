import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'
import { pipeline } from 'node:stream'

export interface Network {
  /** Where to listen, the likeliest for a phone first. */
  addresses: string[]
  /** What this machine may be called there. */
  hosts: string[]
}

/** Bridges and tunnels of other programs: no phone is there. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|utun|tun|tap|wg|zt|tailscale|lo)/i
const AT_HOME = /^(192\.168|10\.|172\.(1[6-9]|2\d|3[01]))/

/** Addresses of this machine in its networks, or the one that was asked for (`--lan=ADDRESS`). */
export function findNetwork(asked: string | undefined): Network {
  const found = Object.entries(networkInterfaces())
    .filter(([name]) => !VIRTUAL.test(name))
    .flatMap(([, all = []]) => all.filter(({ family, internal }) => family === 'IPv4' && !internal))
    .map(({ address }) => address)
    .sort((one, other) => Number(AT_HOME.test(other)) - Number(AT_HOME.test(one)))
  const addresses = asked ? [asked] : found
  const name = hostname()
    .toLowerCase()
    .replace(/\.local$/, '')
  return { addresses, hosts: [...addresses, name, `${name}.local`] }
}

/** Would make the Worker believe another way, or another address, than the one it has come. */
const NOT_HANDED_ON =
  /^(forwarded|x-forwarded-.*|x-real-ip|via|cf-.*|mf-.*|connection|keep-alive|proxy-.*|te|trailer|upgrade)$/i

/**
 * Serves the network by handing every request to the server on loopback, marked with whence it comes: whoever is known by
 * being at this machine is not known so here. Throws a sentence when an address cannot be had.
 */
export async function serveNetwork({ addresses }: Network, port: number): Promise<() => void> {
  const servers = addresses.map(() => createServer((from, to) => handOn(from, to, port)))
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
          `The network cannot be served at ${address}:${port} (${code}). Another port: PORT=9000 npm start -- --lan`,
        ),
      ),
    )
    server.listen(port, address, resolve)
  })

function handOn(from: IncomingMessage, to: ServerResponse, port: number) {
  const headers = pairs(from.rawHeaders).filter(([name]) => !NOT_HANDED_ON.test(name))
  const marked = [...headers, ['X-Forwarded-For', from.socket.remoteAddress ?? 'unknown']].flat()
  const { method, url: path } = from
  const onward = ask(
    { host: '127.0.0.1', port, method, path, headers: marked, setHost: false },
    (answer) => {
      to.writeHead(
        answer.statusCode ?? 500,
        pairs(answer.rawHeaders)
          .filter(([name]) => !NOT_HANDED_ON.test(name))
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
