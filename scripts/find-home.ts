import { startHome } from '../simulator/home.ts'
import { judgeConfiguration, readAddress } from '../src/lib/diagnosis/index.ts'
import type { Variables } from './settings.ts'

export interface FoundHome {
  url: string
  demo: boolean
  /** One sentence for the user in the terminal. */
  description: string
  stop: () => Promise<void>
}

const LOCAL_OLLAMA = 'http://127.0.0.1:11434'
const TIMEOUT_MS = 1000

/** The home to serve: the configured one, else the Ollama of this machine, else the demo home of the simulator. */
export async function findHome({ OLLAMA_URL }: Variables, wantsDemo: boolean): Promise<FoundHome> {
  const stop = () => Promise.resolve()
  if (wantsDemo) return demoHome('Demo home: answers are scripted.')
  if (OLLAMA_URL)
    return { url: OLLAMA_URL, demo: false, description: describeHome(OLLAMA_URL), stop }
  const version = await fetchVersion(LOCAL_OLLAMA)
  if (version)
    return {
      url: LOCAL_OLLAMA,
      demo: false,
      description: `Home: Ollama ${version} on this machine.`,
      stop,
    }
  return demoHome(
    `OLLAMA_URL is not set and no Ollama answers at ${LOCAL_OLLAMA}, so this is the demo home: answers are scripted.`,
  )
}

/** An unusable value is not printed: it may hold a password. */
function describeHome(url: string): string {
  const address = readAddress(url)
  if (!('fault' in address)) return `Home: ${address.origin} (from OLLAMA_URL).`
  return `OLLAMA_URL cannot be used: ${judgeConfiguration(address.fault, 'local').summary} The page shows how to set it.`
}

async function demoHome(description: string): Promise<FoundHome> {
  const home = await startHome()
  return { url: home.url, demo: true, description, stop: () => home.stop() }
}

async function fetchVersion(url: string): Promise<string | null> {
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
