import { startHome } from '../simulator/home.ts'
import { judgeConfiguration, readAddress } from '../src/lib/diagnosis/index.ts'
import type { Variables } from './settings.ts'

export interface Found {
  url: string
  demo: boolean
  /** One sentence for the person who started this. */
  said: string
  stop: () => Promise<void>
}

const USUAL_OLLAMA = 'http://127.0.0.1:11434'
const TIMEOUT_MS = 1000

/** The home to serve: the configured one, else the Ollama of this machine, else the simulator's demo home. */
export async function findHome({ OLLAMA_URL }: Variables, wantsDemo: boolean): Promise<Found> {
  const stop = async () => undefined
  if (wantsDemo) return demoHome('Demo home: answers are scripted.')
  if (OLLAMA_URL) return { url: OLLAMA_URL, demo: false, said: saidOf(OLLAMA_URL), stop }
  const version = await askVersion(USUAL_OLLAMA)
  if (version)
    return {
      url: USUAL_OLLAMA,
      demo: false,
      said: `Home: Ollama ${version} on this machine.`,
      stop,
    }
  return demoHome(
    `No Ollama at ${USUAL_OLLAMA} and no OLLAMA_URL, so this is the demo home: answers are scripted.`,
  )
}

/** A value that cannot be used is not repeated: it may hold a password. */
function saidOf(url: string): string {
  const address = readAddress(url)
  if (!('fault' in address)) return `Home: ${address.origin} (from OLLAMA_URL).`
  return `OLLAMA_URL cannot be used: ${judgeConfiguration(address.fault, 'local').summary} The page says how to set it.`
}

async function demoHome(said: string): Promise<Found> {
  const home = await startHome()
  return { url: home.url, demo: true, said, stop: () => home.stop() }
}

async function askVersion(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/api/version`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    })
    const { version } = (await response.json()) as { version?: unknown }
    return response.ok && typeof version === 'string' ? version : null
  } catch {
    return null
  }
}
