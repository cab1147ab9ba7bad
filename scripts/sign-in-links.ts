import { createHash, randomBytes } from 'node:crypto'
import type { Network } from './lan.ts'

const CODE_BYTES = 16

/** One-time sign-in links: for this machine if there is an owner key, and for the network if it is served. */
export function signInLinks(hasOwnerKey: boolean, network: Network | null) {
  const here = hasOwnerKey ? newCode() : null
  const there = network ? newCode() : null
  const urlThere = (port: number) =>
    network ? new URL(`http://${network.addresses[0]}:${port}`).origin : ''
  return {
    /** What the Worker gets: hashes, never a code. */
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
