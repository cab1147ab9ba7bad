import type { TestProject } from 'vitest/node'
import { startHome } from '../../simulator/home.ts'

/** Runs in Node, beside the tests in workerd: the home that they talk to over real sockets. */
export default async function setup({ provide }: TestProject) {
  const home = await startHome({ loadMs: 300, tokensPerSecond: 400 })
  provide('home', { url: home.url, control: home.control })
  return () => home.stop()
}

declare module 'vitest' {
  interface ProvidedContext {
    home: { url: string; control: string }
  }
}
