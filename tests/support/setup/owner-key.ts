import { createHash, randomBytes } from 'node:crypto'
import type { TestProject } from 'vitest/node'

const key = randomBytes(32).toString('base64url')

declare module 'vitest' {
  interface ProvidedContext {
    ownerKey: string
    ownerKeyHash: string
  }
}

export default ({ provide }: TestProject) => {
  provide('ownerKey', key)
  provide('ownerKeyHash', createHash('sha256').update(key).digest('hex'))
}
