import { readFileSync } from 'node:fs'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import type { Bundle } from './build.ts'

interface WorkerOptions {
  bundle: Bundle
  port: number
  /** The folder of the embedded database. */
  folder: string
  bindings: Record<string, string>
}

export interface Running {
  url: string
  /** Runs the scheduled handler, as the platform's cron does once a minute. */
  tick: (minute: Date) => Promise<unknown>
  stop: () => Promise<void>
}

type Options = Parameters<typeof convertV4MiniflareOptions>[0] & { assets: object }

/** Standard output is for one line of JSON or for the user, so the runtime logs to standard error. */
const logError = (text: string) => process.stderr.write(`${text}\n`)

class StderrLog extends Log {
  override log(message: string) {
    logError(message)
  }
}

/** Serves the bundle in workerd, on loopback only. `null`: another program took the port in the meantime. */
export async function startWorker({
  bundle,
  port,
  folder,
  bindings,
}: WorkerOptions): Promise<Running | null> {
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
      log: new StderrLog(LogLevel.ERROR),
      handleStructuredLogs: ({ message }) => logError(message),
      logRequests: false,
      // Otherwise Miniflare requests this machine's location from Cloudflare.
      cf: false,
    }),
  )
  const stop = () => miniflare.dispose()
  const tick = async (minute: Date) =>
    (await miniflare.getWorker()).scheduled({ scheduledTime: minute })
  try {
    // `URL` drops the default port (80), as a browser does.
    return { url: new URL(`http://localhost:${(await miniflare.ready).port}`).origin, tick, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    if (error instanceof Error && 'code' in error && error.code === 'ERR_ADDRESS_IN_USE')
      return null
    throw error
  }
}
