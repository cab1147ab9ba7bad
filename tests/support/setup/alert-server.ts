import type { TestProject } from 'vitest/node'
import { startReceiver } from '../alert-server.ts'

/** Runs in Node, beside the tests in workerd: the receivers of alerts. */
export default async function setup({ provide }: TestProject) {
  const receiver = await startReceiver()
  provide('receiver', receiver.url)
  return receiver.stop
}

declare module 'vitest' {
  interface ProvidedContext {
    receiver: string
  }
}
