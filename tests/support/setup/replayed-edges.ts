import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { TestProject } from 'vitest/node'
import { close, listen, LOOPBACK } from '../../../simulator/ports.ts'
import type { Cause } from '../../../src/lib/diagnosis/index.ts'
import { healthyServer, nameOf, readRecorded, type Recorded } from '../replay/recorded.ts'
import { Replay } from '../replay/replay.ts'
import { startEmptyResolver } from '../replay/resolver.ts'

/** One recorded state, as the tests in workerd get it. */
export interface Replayed {
  name: string
  part: string
  right: Cause[]
  wrong: Cause[]
  isSeenByRun: boolean
  /** The home falls silent in mid-stream, so only a timeout ends the run. */
  isStall: boolean
  prompt: string
  /** `null`: the state is a TLS handshake, which a recording cannot play. */
  url: string | null
  resolver: string | null
}

type Place = Pick<Replayed, 'url' | 'resolver'>

/** Serves every recorded state on its own port. */
export default async function setup({ provide }: TestProject) {
  const recorded = readRecorded()
  const healthy = healthyServer(recorded)
  const resolver = await startEmptyResolver()
  const replays = recorded.map((state) => ({ state, replay: new Replay(state, healthy) }))
  const places = await Promise.all(
    replays.map(async ({ replay }): Promise<Place> => ({
      url: await replay.start(),
      resolver: null,
    })),
  )
  const refused = await heldPort()
  const elsewhere = ({ address, play }: Recorded): Place | undefined =>
    ({
      refused: { url: `http://127.0.0.1:${refused.port}`, resolver: null },
      'no such name': { url: address, resolver: resolver.url },
      tls: { url: null, resolver: null },
      'ends at once': undefined,
    })[play.port ?? 'ends at once']
  provide(
    'replays',
    recorded.map((state, at) =>
      describe(state, elsewhere(state) ?? places[at] ?? { url: null, resolver: null }),
    ),
  )
  return async () => {
    resolver.stop()
    await refused.release()
    await Promise.all(replays.map(({ replay }) => replay.stop()))
  }
}

function describe(state: Recorded, place: Place): Replayed {
  const { part, right, wrong, seenBy, play, promptBytes = 2 } = state
  const run = play.servers?.[0]?.['POST /api/generate'] ?? []
  const isStall = run.some(({ then }) => then === 'hang')
  const prompt = 'x'.repeat(promptBytes)
  return {
    name: nameOf(state),
    part,
    right,
    wrong,
    isSeenByRun: seenBy === 'run',
    isStall,
    prompt,
    ...place,
  }
}

/** A port on which no program can listen, because one of our connections uses it as its source. */
async function heldPort(): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer()
  const connection = connect(await listen(server, 0), LOOPBACK)
  await once(connection, 'connect')
  const release = async () => {
    connection.destroy()
    await close(server)
  }
  return { port: connection.localPort ?? 0, release }
}

declare module 'vitest' {
  interface ProvidedContext {
    replays: Replayed[]
  }
}
