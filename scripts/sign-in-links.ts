import { createHash, randomBytes } from 'node:crypto'
import type { Network } from './lan.ts'

const CODE_BYTES = 16

/** One-time links that sign in: at this machine when there is an owner key, and from the network when it is served. */
export function waysIn(isKeyed: boolean, network: Network | null) {
  const here = isKeyed ? newCode() : null
  const there = network ? newCode() : null
  const urlThere = (port: number) =>
    network ? new URL(`http://${network.addresses[0]}:${port}`).origin : ''
  return {
    /** What the Worker must know of them: hashes, never a code. */
    bindings: (port: number): Record<string, string> => ({
      START_CODE_HASH: [here, there].flatMap((code) => code?.hash ?? []).join(','),
      LAN_URL: urlThere(port),
      LAN_HOSTS: network?.hosts.join(',') ?? '',
    }),
    here: (url: string) => here && `${url}/sign-in#${here.text}`,
    there: (port: number) => there && `${urlThere(port)}/sign-in#${there.text}`,
  }
}

function newCode() {
  const text = randomBytes(CODE_BYTES).toString('base64url')
  return { text, hash: createHash('sha256').update(text).digest('hex') }
}
