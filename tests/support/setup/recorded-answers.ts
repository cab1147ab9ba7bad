import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { close, listen } from '../../../simulator/ports.ts'
import { parseAnswers } from '../../../simulator/raw-client.ts'

const ROOT = join(import.meta.dirname, '../../recordings')
const FOLDERS = ['ollama', 'ollama-v0.24.0', 'streams'] as const
/** Fields of a recorded request that a recipe lacks. */
const NOT_IN_A_RECIPE = ['stream', 'context', 'template'] as const

/** A stream of a real Ollama, and the address that repeats it. */
export interface RecordedAnswer {
  name: string
  url: string
  recipe: Record<string, unknown>
  /** The body without its framing: the expected result of a run. */
  lines: string
}

/** Serves each recorded stream on its own port, byte for byte, in packets that end at random places. */
export default async function setup({ provide }: TestProject) {
  const served = await Promise.all(streams().map(serve))
  provide(
    'recordedAnswers',
    served.map(({ answer }) => answer),
  )
  return async () => {
    await Promise.all(
      served.map(({ server }) => {
        server.closeAllConnections()
        return close(server)
      }),
    )
  }
}

/** A home that falls silent several times within one answer. */
export async function startSilentHome(silentMs: number, silences = 1) {
  const [stream] = streams()
  if (!stream) throw new Error('there are no recorded streams')
  const { server, answer } = await serve({ ...stream, silence: { ms: silentMs, times: silences } })
  const stop = () => {
    server.closeAllConnections()
    return close(server)
  }
  return { ...answer, stop }
}

interface Silence {
  ms: number
  times: number
}

interface Stream {
  name: string
  bytes: Buffer
  lines: string
  recipe: Record<string, unknown>
  /** Duration and number of the silences, evenly spread. */
  silence?: Silence
}

function streams(): Stream[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder)).flatMap((name) => readStream(folder, name) ?? []),
  )
}

function readStream(folder: string, name: string): Stream | null {
  const file = (part: string) => join(ROOT, folder, name, part)
  if (!existsSync(file('request.http')) || !existsSync(file('response.http'))) return null
  const request = readFileSync(file('request.http'), 'utf8')
  const bytes = readFileSync(file('response.http'))
  const [answer] = parseAnswers(bytes, 'POST', true)
  const isStream = answer?.headers.some(([, value]) => value === 'application/x-ndjson')
  if (!isStream || !/^POST \/api\/(generate|chat) /.test(request)) return null
  const body = JSON.parse(request.slice(request.indexOf('\r\n\r\n') + 4)) as Record<string, unknown>
  const recipe = Object.fromEntries(
    Object.entries(body).filter(([key]) => !(NOT_IN_A_RECIPE as readonly string[]).includes(key)),
  )
  return { name: `${folder}/${name}`, bytes, lines: answer?.body ?? '', recipe }
}

async function serve({
  name,
  bytes,
  lines,
  recipe,
  silence = { ms: 0, times: 0 },
}: Stream): Promise<{ server: Server; answer: RecordedAnswer }> {
  const { model } = recipe
  const entry = {
    name: model,
    model,
    digest: 'abc',
    size: 100,
    size_vram: 25,
    context_length: 4096,
    details: { quantization_level: 'Q4_K_M' },
  }
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    if (request.method === 'POST')
      return void request
        .resume()
        .on('end', () => void sendInPieces(request.socket, bytes, silence))
    const said = path === '/api/version' ? { version: '0.12.11' } : { models: [entry] }
    response.setHeader('Content-Type', 'application/json; charset=utf-8').end(JSON.stringify(said))
  })
  const port = await listen(server, 0)
  return { server, answer: { name, url: `http://127.0.0.1:${port}`, recipe, lines } }
}

/** Packets end anywhere, even inside a character. */
async function sendInPieces(socket: Socket, bytes: Buffer, { ms, times }: Silence) {
  socket.setNoDelay(true)
  for (let at = 0; at < bytes.length && !socket.destroyed;) {
    const end = at + 1 + Math.floor(Math.random() * Math.random() * 600)
    socket.write(bytes.subarray(at, end))
    const part = (place: number) => Math.floor((place * (times + 1)) / bytes.length)
    if (part(end) > part(at) && part(at) < times)
      await new Promise((resume) => setTimeout(resume, ms))
    at = end
    await new Promise((resume) => setImmediate(resume))
  }
  socket.end()
}

declare module 'vitest' {
  interface ProvidedContext {
    recordedAnswers: RecordedAnswer[]
  }
}
