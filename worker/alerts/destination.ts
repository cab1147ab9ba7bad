import { isAddressLiteral, reachOf } from '../../src/lib/diagnosis/index.ts'

/** An address that alerts are sent to, or what is wrong with it, in a sentence that does not repeat the address. */
export type Destination = { url: URL } | { fault: string }

type Runtime = 'local' | 'deployed'

/** Reads an address from the owner's settings. A deployed Porchlight sends only to public names over https. */
export function readDestination(
  name: string,
  value: string | undefined,
  runtime: Runtime,
): Destination | null {
  const text = value?.trim() ?? ''
  if (text === '') return null
  if (!URL.canParse(text)) return { fault: `${name} is not an address.` }
  const url = new URL(text)
  const isLocal = runtime === 'local'
  const isPublic = reachOf(url.hostname.replace(/\.$/, '')) === 'public'
  const rules: readonly [boolean, string][] = [
    [/^https?:$/.test(url.protocol), 'must begin with https://.'],
    [url.username === '' && url.password === '', 'must not contain a user name or a password.'],
    [isLocal || url.protocol === 'https:', 'must begin with https://.'],
    [isLocal || !isAddressLiteral(url.hostname), 'must have a name, not a numeric address.'],
    [isLocal || isPublic, 'must be a public name.'],
  ]
  const broken = rules.find(([holds]) => !holds)
  return broken ? { fault: `${name} ${broken[1]}` } : { url }
}

export type SendResult = { ok: true } | { ok: false; why: string; isGone?: boolean }

/** A receiver must not delay the next check. */
const TIMEOUT_MS = 5000

/** Follows no redirect and reads only the status of the response. Never throws. */
export async function sendTo(url: URL | string, init: RequestInit = {}): Promise<SendResult> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    void response.body?.cancel().catch(() => undefined)
    return resultOf(response.status)
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError'
    const why = isTimeout ? `No answer within ${TIMEOUT_MS / 1000} s` : 'It could not be reached'
    return { ok: false, why }
  }
}

function resultOf(status: number): SendResult {
  if (status >= 200 && status < 300) return { ok: true }
  if (status >= 300 && status < 400)
    return { ok: false, why: 'It redirects, and redirects are not followed' }
  return { ok: false, why: `It answered ${status}`, isGone: status === 404 || status === 410 }
}
