/** /api/pull, /api/delete and /api/copy: the routes that change the list of models. */
import { createHash } from 'node:crypto'
import type { Exchange } from './connection.ts'
import { encode } from './go-json.ts'
import { DEMO_MODELS } from './models.ts'
import { findByName, parseName, shortName } from './names.ts'
import { isRefusal, readRequest } from './requests.ts'
import { pause } from './turnstile.ts'
import type { World } from './world.ts'

const NDJSON = 'application/x-ndjson'
const SIZE = 400_000_000
const STEPS = 8
const STEP_MS = 120

/** The answer of the registry, or of the disk, for names with this prefix; every other name exists. */
const FAILURES = {
  absent: 'pull model manifest: file does not exist',
  huge: 'write /root/.ollama/models/blobs/sha256-0a1b-partial: no space left on device',
  offline:
    'pull model manifest: Get "https://registry.ollama.ai/v2/library/offline/manifests/latest": dial tcp: lookup registry.ollama.ai on 127.0.0.53:53: server misbehaving',
} as const satisfies Record<string, string>

export async function pull(world: World, { reply, readBody, left }: Exchange): Promise<void> {
  const request = readRequest('PullRequest', await readBody())
  if (isRefusal(request)) return reply.error(request.status, request.error)
  const parsed = parseName((request.body.model || request.body.name || '') as string)
  if (parsed === null) return reply.error(400, 'invalid model name')
  const line = (value: object) => reply.part(`${encode(value)}\n`, NDJSON)
  line({ status: 'pulling manifest' })
  const failure = Object.entries(FAILURES).find(([name]) => parsed.model.startsWith(name))?.[1]
  if (failure) line({ error: failure })
  else if (!(await download(shortName(parsed), line, left))) return
  else {
    add(world, shortName(parsed))
    for (const status of ['verifying sha256 digest', 'writing manifest', 'success'])
      line({ status })
  }
  reply.endStream()
}

const digestOf = (name: string) => createHash('sha256').update(name).digest('hex')

async function download(
  name: string,
  line: (value: object) => void,
  left: AbortSignal,
): Promise<boolean> {
  const digest = digestOf(name)
  for (let step = 0; step <= STEPS; step++) {
    const completed = Math.round((SIZE * step) / STEPS)
    line({
      status: `pulling ${digest.slice(0, 12)}`,
      digest: `sha256:${digest}`,
      total: SIZE,
      completed,
    })
    if (!(await pause(STEP_MS, left))) return false
  }
  return true
}

function add(world: World, name: string): void {
  const others = world.models.filter((model) => model.name !== name)
  const [like] = DEMO_MODELS
  const modifiedAt = new Date().toISOString()
  world.change([
    { ...like, name, digest: digestOf(name), size: SIZE, modifiedAt, warm: false },
    ...others,
  ])
}

export async function remove(world: World, { reply, readBody }: Exchange): Promise<void> {
  const request = readRequest('DeleteRequest', await readBody())
  if (isRefusal(request)) return reply.error(request.status, request.error)
  const name = (request.body.model || request.body.name || '') as string
  if (parseName(name) === null) return reply.error(400, `name "${name}" is invalid`)
  const model = findByName(world.models, name)
  if (!model) return reply.error(404, `model '${name}' not found`)
  world.memory.unload(model)
  world.change(world.models.filter((one) => one !== model))
  reply.go(200, {}, '')
}

export async function copy(world: World, { reply, readBody }: Exchange): Promise<void> {
  const request = readRequest('CopyRequest', await readBody())
  if (isRefusal(request)) return reply.error(request.status, request.error)
  const { source = '', destination = '' } = request.body as Record<string, string>
  const to = parseName(destination)
  if (to === null) return reply.error(400, `destination "${destination}" is invalid`)
  const model = findByName(world.models, source)
  if (!model) return reply.error(404, `model "${source}" not found`)
  const name = shortName(to)
  world.change([
    { ...model, name, modifiedAt: new Date().toISOString() },
    ...world.models.filter((one) => one.name !== name),
  ])
  reply.go(200, {}, '')
}
