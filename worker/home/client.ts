import type { HomePorts } from '../ports.ts'
import type { Home } from './index.ts'

const FEATURES = [
  'alerts',
  'auth',
  'diagnosis',
  'exposure',
  'monitoring',
  'runQueue',
  'runs',
  'settings',
  'shares',
  'warmUp',
] as const satisfies (keyof HomePorts)[]

type Method = (...args: unknown[]) => Promise<unknown>
type Remote = Record<string, Method> & Partial<Disposable>

/** The features of `Home` as ports. A stub belongs to one request, so each call gets its own stub and releases it. */
export function portsOf(home: () => DurableObjectStub<Home>): HomePorts {
  const call = async (feature: keyof HomePorts, method: string, args: unknown[]) => {
    // Not awaited, so that the call below travels in the same round trip.
    const remote = home()[feature]() as unknown as Remote
    try {
      return await remote[method]?.(...args)
    } finally {
      // An unreleased stub keeps the object in memory.
      remote[Symbol.dispose]?.()
    }
  }
  const port = (feature: keyof HomePorts) =>
    new Proxy(
      {},
      {
        get:
          (_, method: string) =>
          (...args: unknown[]) =>
            call(feature, method, args),
      },
    )
  return Object.fromEntries(FEATURES.map((name) => [name, port(name)])) as unknown as HomePorts
}
