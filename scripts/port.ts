import { execFileSync } from 'node:child_process'
import { connect, createServer, type AddressInfo } from 'node:net'

export interface PortChoice {
  port: number
  /** What the person should know: who holds the usual port. */
  note: string | null
}

const USUAL = 8787
const TRIES = 20

/** `PORT` if it was asked for (0 = any), else the usual one or the next that is free. A sentence when that is not possible. */
export async function choosePort(
  asked: string | undefined,
): Promise<PortChoice | { refusal: string }> {
  if (asked !== undefined && asked !== '') return askedPort(asked)
  if (!(await isTaken(USUAL))) return { port: USUAL, note: null }
  for (let port = USUAL + 1; port < USUAL + TRIES; port++) {
    if (!(await isTaken(port)))
      return { port, note: `Port ${USUAL} is taken${by(USUAL)}, so this is port ${port}.` }
  }
  return {
    refusal: `The ports ${USUAL} to ${USUAL + TRIES - 1} are all taken. Give a free one: PORT=9000 npm start`,
  }
}

async function askedPort(asked: string): Promise<PortChoice | { refusal: string }> {
  const port = Number(asked)
  // `Number` would also read 0x50, 1e3 and a blank.
  if (!/^\d+$/.test(asked) || port > 65535)
    return { refusal: `PORT=${asked} is not a port. Give a number from 0 to 65535.` }
  if (port !== 0 && (await isTaken(port)))
    return { refusal: `Port ${port} is taken${by(port)}. Give another: PORT=0 npm start` }
  return { port, note: null }
}

/**
 * Both loopback families count, and both a listener that accepts and an address that cannot be had: on some systems a
 * program on 0.0.0.0 and one on 127.0.0.1 can hold the same port side by side.
 */
async function isTaken(port: number): Promise<boolean> {
  const hosts = ['127.0.0.1', '::1']
  const answers = await Promise.all(
    hosts.flatMap((host) => [doesAccept(host, port), isHeld(host, port)]),
  )
  return answers.includes(true)
}

const doesAccept = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: 300 })
    const end = (accepts: boolean) => {
      socket.destroy()
      resolve(accepts)
    }
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false))
  })

const isHeld = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' || error.code === 'EACCES'),
    )
    server.listen(port, host, () => server.close(() => resolve(false)))
  })

/** Who listens there, if this system tells: " by node (process 4711)". */
function by(port: number): string {
  for (const [tool, args, pattern] of LISTENERS) {
    const [, pid] = pattern.exec(output(tool, args(port))) ?? []
    if (pid) return ` by ${programOf(pid)} (process ${pid})`
  }
  return ''
}

const LISTENERS = [
  ['lsof', (port: number) => ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'], /^(\d+)/],
  ['ss', (port: number) => ['-Hltnp', `sport = :${port}`], /pid=(\d+)/],
] as const

/** The name of the program file: what the tools above call it may be the name of a thread. */
function programOf(pid: string): string {
  const [program = ''] = output('ps', ['-o', 'args=', '-p', pid]).trim().split(/\s+/)
  return program.split('/').at(-1) || 'another program'
}

function output(tool: string, args: string[]): string {
  try {
    return execFileSync(tool, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 1500,
    })
  } catch {
    return ''
  }
}

/** Any port that is free at this moment. */
export const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
