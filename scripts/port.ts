import { execFileSync } from 'node:child_process'
import { connect, createServer, type AddressInfo } from 'node:net'

export interface PortChoice {
  port: number
  /** A sentence for the user: which program holds the default port. */
  note: string | null
}

const DEFAULT = 8787
const ATTEMPTS = 20

/** `PORT` if it is set (0 = any), else the default or the next free one. Returns a sentence if that is not possible. */
export async function choosePort(
  configured: string | undefined,
): Promise<PortChoice | { refusal: string }> {
  if (configured !== undefined && configured !== '') return configuredPort(configured)
  if (!(await isTaken(DEFAULT))) return { port: DEFAULT, note: null }
  for (let port = DEFAULT + 1; port < DEFAULT + ATTEMPTS; port++) {
    if (!(await isTaken(port)))
      return {
        port,
        note: `Port ${DEFAULT} is taken${by(DEFAULT)}, so Porchlight uses port ${port}.`,
      }
  }
  return {
    refusal: `The ports ${DEFAULT} to ${DEFAULT + ATTEMPTS - 1} are all taken. Choose a free one: PORT=9000 npm start`,
  }
}

async function configuredPort(text: string): Promise<PortChoice | { refusal: string }> {
  const port = Number(text)
  // `Number` also accepts 0x50, 1e3 and a blank.
  if (!/^\d+$/.test(text) || port > 65535)
    return { refusal: `PORT=${text} is not a port. Use a number from 0 to 65535.` }
  if (port !== 0 && (await isTaken(port)))
    return {
      refusal: `Port ${port} is taken${by(port)}. Choose another, or let Porchlight choose: PORT=0 npm start`,
    }
  return { port, note: null }
}

/**
 * A port is taken if it accepts connections or cannot be bound, on either loopback family: on some systems a program on
 * 0.0.0.0 and one on 127.0.0.1 can hold the same port at the same time.
 */
async function isTaken(port: number): Promise<boolean> {
  const hosts = ['127.0.0.1', '::1']
  const answers = await Promise.all(
    hosts.flatMap((host) => [accepts(host, port), isHeld(host, port)]),
  )
  return answers.includes(true)
}

const accepts = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: 300 })
    const end = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
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

/** The program that listens there, if this system shows it: " by node (process 4711)". */
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

/** The name of the program's file: `lsof` and `ss` may show the name of a thread. */
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

/** A port that is free at this moment. */
export const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
