/** A home on demand: an Ollama on real sockets, with any fault, and a control API. */
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { Logbook } from './asked.ts'
import type { Asked } from './asked.ts'
import { serveConnection } from './connection.ts'
import type { Exchange } from './connection.ts'
import { startControl } from './control.ts'
import type { Controlled } from './controlled.ts'
import { FAULTS } from './faults.ts'
import type { FaultName, Settings } from './faults.ts'
import type { Fault, Places, SocketFault } from './fault.ts'
import { Memory, dated } from './memory.ts'
import { DEMO_MODELS, OTHER_MODELS } from './models.ts'
import type { Model } from './models.ts'
import { LOOPBACK, Sockets, close, listen } from './ports.ts'
import { createResolver } from './resolver.ts'
import { respond } from './respond.ts'
import { createSecureServer } from './tls.ts'
import { has } from './versions.ts'
import type { World } from './world.ts'

export type { Asked } from './asked.ts'

export interface HomeOptions {
  /** 0: any. */
  port?: number
  controlPort?: number
  models?: readonly Model[]
  version?: string
  tokensPerSecond?: number
  /** Overrides each model's own load time. */
  loadMs?: number
}

export interface Home extends Controlled {
  url: string
  control: string
  stop(): Promise<void>
}

const VERSION = '0.12.11'
const OTHER_VERSION = '0.9.6'
const TOKENS_PER_SECOND = 45
const FAULT_AFTER_TOKENS = 8
const WARM_MS = 365 * 24 * 3_600_000
const BANNER = 'SSH-2.0-OpenSSH_9.6p1 Debian-4\r\n'
/** No program listens on this port (tcpmux). */
const NOWHERE = `http://${LOOPBACK}:1`

function worldOf(
  models: readonly Model[],
  options: HomeOptions,
  version = options.version ?? VERSION,
): World {
  const memory = new Memory(options.loadMs, has(version, 'manyWithoutGpu'))
  const listed = dated(models)
  for (const model of listed) if (model.warm) memory.put(model, WARM_MS)
  const world: World = {
    version,
    models: listed,
    usable: listed,
    memory,
    change: (models) => Object.assign(world, { models, usable: models }),
    tokensPerSecond: options.tokensPerSecond ?? TOKENS_PER_SECOND,
    faultAfter: FAULT_AFTER_TOKENS,
  }
  return world
}

/** The effect of a broken port before any request is read; true if nothing follows. */
const GREETINGS = {
  closes: (socket) => {
    socket.resume()
    socket.end()
  },
  babbles: (socket) => {
    socket.resume()
    socket.write(BANNER)
  },
  refuses: (socket) => socket.destroy(),
} as const satisfies Partial<Record<SocketFault, (socket: Socket) => void>>

class SimulatedHome implements Controlled {
  readonly #options: HomeOptions
  readonly #sockets = new Sockets()
  readonly #server = createServer((socket) => this.#welcome(socket))
  readonly #secureServer = createSecureServer(
    () => this.#tlsRule(),
    (socket) => this.#converse(socket),
  )
  readonly #resolver = createResolver(() => this.#rule()?.dns)
  readonly #log = new Logbook()
  #world: World
  #other: World
  #turn = 0
  #port = 0
  #places: Places = { url: '', tlsUrl: '', secureUrl: '', resolver: '', nowhere: NOWHERE }
  fault: FaultName | null = null

  constructor(options: HomeOptions) {
    this.#options = options
    this.#world = worldOf(options.models ?? DEMO_MODELS, options)
    this.#other = worldOf(OTHER_MODELS, options, OTHER_VERSION)
  }

  get models(): readonly Model[] {
    return this.#world.models
  }

  async start(): Promise<string> {
    this.#port = await listen(this.#server, this.#options.port ?? 0)
    const [securePort, resolverPort] = await Promise.all([
      listen(this.#secureServer, 0),
      listen(this.#resolver, 0),
    ])
    this.#places = {
      url: `http://${LOOPBACK}:${this.#port}`,
      tlsUrl: `https://localhost:${securePort}`,
      secureUrl: `https://${LOOPBACK}:${this.#port}`,
      resolver: `http://${LOOPBACK}:${resolverPort}/dns-query`,
      nowhere: NOWHERE,
    }
    return this.#places.url
  }

  /** The variables that a server needs to meet the current fault. */
  settings(): Settings {
    return this.#rule()?.settings?.(this.#places) ?? { OLLAMA_URL: this.#places.url }
  }

  #tlsRule() {
    const rule = this.#rule()
    return rule?.kind === 'tls' ? rule.tls : 'inTime'
  }

  #rule(): Fault | null {
    return this.fault ? FAULTS[this.fault] : null
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket)
    const rule = this.#rule()
    const greet =
      rule?.kind === 'socket'
        ? Object.entries(GREETINGS).find(([kind]) => kind === rule.socket)?.[1]
        : undefined
    socket.on('error', () => socket.destroy())
    if (greet) greet(socket)
    else this.#converse(socket)
  }

  #converse(socket: Socket): void {
    this.#sockets.add(socket)
    serveConnection(socket, (exchange) => this.#serve(exchange)).catch((error: unknown) =>
      this.#confess(socket, error),
    )
  }

  /** A bug in the simulator must not look like a fault that a test has set. */
  #confess(socket: Socket, error: unknown): void {
    console.error('simulator:', error)
    socket.destroy()
  }

  async #serve(incoming: Exchange): Promise<void> {
    const rule = this.#rule()
    if (rule?.kind === 'socket' && rule.socket === 'blinks' && incoming.turn > 1)
      return incoming.drop()
    const { exchange, close } = this.#log.open(incoming)
    await respond(rule, exchange, { world: this.#world, other: this.#other, turn: this.#turn++ })
    close()
  }

  /** Kept connections would still work under a fault of the port itself, so they are closed. */
  async setFault(name: FaultName | null): Promise<void> {
    this.fault = name
    this.#turn = 0
    const rule = this.#rule()
    if (rule?.kind === 'socket' && rule.socket in GREETINGS) this.#sockets.destroy()
    const refuses = rule?.kind === 'socket' && rule.socket === 'refuses'
    if (refuses) await close(this.#server)
    else if (!this.#server.listening) await listen(this.#server, this.#port)
  }

  setModels(models: readonly Model[]): void {
    this.#world.memory.clear()
    this.#world = worldOf(models, this.#options)
  }

  asked(): Asked[] {
    return this.#log.entries()
  }

  forget(): void {
    this.#log.forget()
  }

  async reset(): Promise<void> {
    this.setModels(this.#options.models ?? DEMO_MODELS)
    this.forget()
    await this.setFault(null)
  }

  async stop(): Promise<void> {
    for (const { memory } of [this.#world, this.#other]) memory.clear()
    this.#sockets.destroy()
    this.#resolver.closeAllConnections()
    await Promise.all([this.#server, this.#secureServer, this.#resolver].map(close))
  }
}

export async function startHome(options: HomeOptions = {}): Promise<Home> {
  const simulated = new SimulatedHome(options)
  const url = await simulated.start()
  const control = await startControl(simulated, options.controlPort ?? 0)
  return {
    url,
    control: control.url,
    get models() {
      return simulated.models
    },
    get fault() {
      return simulated.fault
    },
    setModels: (models) => simulated.setModels(models),
    setFault: (name) => simulated.setFault(name),
    settings: () => simulated.settings(),
    asked: () => simulated.asked(),
    forget: () => simulated.forget(),
    reset: () => simulated.reset(),
    stop: async () => {
      await Promise.all([simulated.stop(), control.stop()])
    },
  }
}
