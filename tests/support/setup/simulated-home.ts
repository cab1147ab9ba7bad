import type { TestProject } from 'vitest/node'
import { startResolver } from '../../../scripts/resolver.ts'
import { startHome } from '../../../simulator/home.ts'

/** Runs the simulated home, and the resolvers that inspect its certificates. */
export default async function setup({ provide }: TestProject) {
  const home = await startHome({ loadMs: 300, tokensPerSecond: 400 })
  const [byName, byAddress] = await Promise.all([
    startResolver('localhost'),
    startResolver('127.0.0.1'),
  ])
  provide('home', { url: home.url, control: home.control })
  provide('handshakes', { localhost: byName.handshakeUrl, '127.0.0.1': byAddress.handshakeUrl })
  return async () => {
    byName.stop()
    byAddress.stop()
    await home.stop()
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    home: { url: string; control: string }
    handshakes: Record<string, string>
  }
}
