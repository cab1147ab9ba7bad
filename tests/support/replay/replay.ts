import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { LOOPBACK, Sockets, close, listen } from '../../../simulator/ports.ts'
import type { Recorded, RecordedAnswer, RecordedServer } from './recorded.ts'
import { readRequest } from './requests.ts'

/** Plays one recorded state on its own port, byte for byte and with the recorded delays. */
export class Replay {
  readonly #state: Recorded
  readonly #healthy: RecordedServer
  readonly #sockets = new Sockets()
  readonly #server: Server = createServer((socket) => this.#welcome(socket))
  readonly #asked = new Map<RecordedAnswer[], number>()
  #turn = 0

  constructor(state: Recorded, healthy: RecordedServer) {
    this.#state = state
    this.#healthy = healthy
  }

  async start(): Promise<string> {
    return `http://${LOOPBACK}:${await listen(this.#server, 0)}`
  }

  stop(): Promise<void> {
    this.#sockets.destroy()
    return close(this.#server)
  }

  #welcome(socket: Socket) {
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    if (this.#state.play.port === 'ends at once') socket.resume().end()
    else void this.#serve(socket).catch(() => socket.destroy())
  }

  async #serve(socket: Socket) {
    let bytes: Buffer = Buffer.alloc(0)
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      bytes = Buffer.concat([bytes, chunk])
      for (let request = readRequest(bytes); request; request = readRequest(bytes)) {
        bytes = request.rest
        if (!(await play(this.#answerTo(request.route), socket))) return await gone(socket)
      }
    }
  }

  /** Servers take turns; one server gives its answers in their order, and then repeats the last one. */
  #answerTo(route: string): RecordedAnswer {
    const servers = this.#state.play.servers ?? []
    const server = servers[this.#turn++ % servers.length] ?? {}
    const answers = this.#answersOf(server, route)
    const before = this.#asked.get(answers) ?? 0
    this.#asked.set(answers, before + 1)
    return answers[Math.min(before, answers.length - 1)] ?? HANG
  }

  /** A proxy that answers itself does so for every route. For other routes a healthy home answers. */
  #answersOf(server: RecordedServer, route: string): RecordedAnswer[] {
    const plain = route.replace(' with Origin', '')
    const version = server['GET /api/version'] ?? []
    const isHealthy = version.some(({ bytes }) => bytes.some(([, text]) => OF_OLLAMA.test(text)))
    return (
      server[route] ?? server[plain] ?? (isHealthy ? this.#healthy[plain] : undefined) ?? version
    )
  }
}

/** A version in plain text, or a compressed response. */
const OF_OLLAMA = /"version"|^HTTP\/1\.1 200 .*content-encoding: gzip/is
const HANG: RecordedAnswer = { bytes: [], then: 'hang' }

/** Returns whether the connection stays open for another request. */
async function play({ bytes, then }: RecordedAnswer, socket: Socket): Promise<boolean> {
  const startedAt = Date.now()
  for (const [ms, text] of bytes) {
    await pause(Math.max(0, startedAt + ms - Date.now()))
    if (socket.destroyed) return false
    socket.write(atThisAddress(text), 'latin1')
  }
  if (then === 'end') socket.end()
  if (then === 'reset') socket.resetAndDestroy()
  return then === undefined
}

/** Replaces the recorded home.test with 127.0.0.1, in the Location header only: a body's length is fixed. */
const atThisAddress = (text: string) =>
  text.replace(/^(Location: https?:\/\/)home\.test/im, `$1${LOOPBACK}`)

const gone = (socket: Socket) =>
  new Promise<void>((resolve) =>
    socket.destroyed ? resolve() : socket.resume().once('close', () => resolve()),
  )
