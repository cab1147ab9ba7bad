import { readFileSync } from 'node:fs'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import type { Bundle } from './build.ts'

interface Wanted {
  bundle: Bundle
  port: number
  /** The folder of the embedded database. */
  folder: string
  bindings: Record<string, string>
}

export interface Running {
  url: string
  /** What the platform's clock does once a minute. */
  tick: (minute: Date) => Promise<unknown>
  stop: () => Promise<void>
}

type Options = Parameters<typeof convertV4MiniflareOptions>[0] & { assets: object }

/** Standard output is for one line of JSON, or for the person: whatever the runtime has to say goes to standard error. */
const complain = (text: string) => process.stderr.write(`${text}\n`)

class Complaints extends Log {
  override log(message: string) {
    complain(message)
  }
}

/** Serves the bundle in workerd, on loopback alone. `null`: somebody took the port in the meantime. */
export async function startWorker({
  bundle,
  port,
  folder,
  bindings,
}: Wanted): Promise<Running | null> {
  const options = JSON.parse(readFileSync(bundle.options, 'utf8')) as Options
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...options,
      assets: { ...options.assets, directory: bundle.assets },
      bindings,
      modules: true,
      scriptPath: bundle.script,
      host: '127.0.0.1',
      port,
      resourcePersistencePath: folder,
      log: new Complaints(LogLevel.ERROR),
      handleStructuredLogs: ({ message }) => complain(message),
      logRequests: false,
      // Where this machine stands in the world is nobody's business, and asking would be a request to elsewhere.
      cf: false,
    }),
  )
  const stop = () => miniflare.dispose()
  const tick = async (minute: Date) =>
    (await miniflare.getWorker()).scheduled({ scheduledTime: minute })
  try {
    // A port that a browser knows by itself (80) is not part of an address.
    return { url: new URL(`http://localhost:${(await miniflare.ready).port}`).origin, tick, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    if (error instanceof Error && 'code' in error && error.code === 'ERR_ADDRESS_IN_USE')
      return null
    throw error
  }
}
