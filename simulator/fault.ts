/** A fault: its effect on a home, and the settings that a server needs to meet it. */
import type { EdgeCode, Form } from './cloudflare.ts'
import { edgeAnswer } from './cloudflare.ts'
import type { CertificateName } from './certificates.ts'
import type { Exchange } from './connection.ts'
import type { Answer } from './reply.ts'
import type { StreamFault } from './stream-faults.ts'
import type { WorldChange } from './world.ts'

/** Longer than a refused connection takes. */
const WAITED_MS = 700

const isGeneration = (path: string) => ['/api/generate', '/api/chat', '/api/embed'].includes(path)

/** The requests that an answer replaces. */
export const SCOPES = {
  everything: () => true,
  generation: ({ path }) => isGeneration(path),
  api: ({ path }) => path.startsWith('/api/'),
  list: ({ path }) => path === '/api/tags',
  version: ({ path }) => path === '/api/version',
  writes: ({ head }) => head.method === 'POST',
} as const satisfies Record<string, (exchange: Exchange) => boolean>

export type Scope = keyof typeof SCOPES
export type SocketFault = 'refuses' | 'resets' | 'hangs' | 'closes' | 'babbles' | 'blinks'
/** How a TLS listener treats a client. */
export type TlsFault = CertificateName | 'wantsClientCertificate' | 'oldProtocol' | 'hangsUp'

export type Behaviour =
  | { kind: 'answer'; scope: Scope; afterMs: number; answer: (exchange: Exchange) => Answer }
  /** For every second request in scope. */
  | { kind: 'turns'; scope: Scope; answer: (exchange: Exchange) => Answer }
  | { kind: 'socket'; socket: SocketFault }
  | { kind: 'tls'; tls: TlsFault }
  | { kind: 'ollama'; change: WorldChange }
  /** No answer comes, or the connection ends instead. */
  | { kind: 'silent'; scope: Scope; isCut: boolean }
  /** GETs are answered with these headers added, as by a cache; `isDown`: every other request gets a 502. */
  | { kind: 'cache'; isDown: boolean }
  | { kind: 'slow'; afterMs: number }
  | { kind: 'split'; by: 'everything' | 'one model' }
  /** The home is healthy: the client's settings, or the resolver's answers, are wrong. */
  | { kind: 'settings' }

/** Where the parts of a simulated home listen. */
export interface Places {
  url: string
  tlsUrl: string
  /** The same port with the other scheme. */
  secureUrl: string
  resolver: string
  /** A port without a listener. */
  nowhere: string
}

/** The answer of a DNS-over-HTTPS resolver, in the JSON form. */
export interface DnsAnswer {
  Status: number
  Answer?: { type: number; data: string }[]
  Comment?: string
}

export type Settings = Readonly<Record<string, string>>

export type Fault = {
  title: string
  /** Settings of the server, apart from the home's address. */
  settings?: (places: Places) => Settings
  /** The resolver's answer for every name. */
  dns?: DnsAnswer
} & Behaviour

export const answer = (
  title: string,
  make: (exchange: Exchange) => Answer,
  scope: Scope = 'everything',
) => ({ title, kind: 'answer', scope, afterMs: 0, answer: make }) as const
export const late = (title: string, make: (exchange: Exchange) => Answer) =>
  ({ ...answer(title, make), afterMs: WAITED_MS }) as const
export const edge = (title: string, code: EdgeCode, form: Form = 'asked') =>
  answer(title, ({ head }) => edgeAnswer(code, head, form))
export const turns = (
  title: string,
  make: (exchange: Exchange) => Answer,
  scope: Scope = 'everything',
) => ({ title, kind: 'turns', scope, answer: make }) as const
export const socket = (title: string, kind: SocketFault) =>
  ({ title, kind: 'socket', socket: kind }) as const
export const tls = (title: string, kind: TlsFault) =>
  ({
    title,
    kind: 'tls',
    tls: kind,
    settings: ({ tlsUrl }: Places) => ({ OLLAMA_URL: tlsUrl }),
  }) as const
export const ollama = (title: string, change: WorldChange) =>
  ({ title, kind: 'ollama', change }) as const
export const broken = (title: string, status: number, error: string) =>
  ollama(title, { refusal: { status, error } })
export const stream = (title: string, streamFault: StreamFault) => ollama(title, { streamFault })
export const settings = (title: string, make: (places: Places) => Settings) =>
  ({ title, kind: 'settings', settings: make }) as const
export const name = (title: string, url: string, dns: DnsAnswer, more: Settings = {}) =>
  ({
    title,
    kind: 'settings',
    dns,
    settings: ({ resolver }: Places) => ({ OLLAMA_URL: url, DOH_URL: resolver, ...more }),
  }) as const
