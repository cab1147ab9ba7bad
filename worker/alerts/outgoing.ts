import { isAddressLiteral, reachOf } from '../../src/lib/diagnosis/index.ts'

/** An address that alerts are sent to, or what is wrong with it: a sentence for the owner that does not repeat it. */
export type Outgoing = { url: URL } | { fault: string }

type Runtime = 'local' | 'deployed'

/** Reads an address of the owner's own choosing. Deployed, it leads to a public name over https and nowhere else. */
export function readOutgoing(
  name: string,
  value: string | undefined,
  runtime: Runtime,
): Outgoing | null {
  const text = value?.trim() ?? ''
  if (text === '') return null
  if (!URL.canParse(text)) return { fault: `${name} is not an address.` }
  const url = new URL(text)
  const rules: readonly [boolean, string][] = [
    [/^https?:$/.test(url.protocol), 'must begin with https://.'],
    [url.username === '' && url.password === '', 'must not contain a user name or a password.'],
    [runtime === 'local' || url.protocol === 'https:', 'must begin with https://.'],
    [
      runtime === 'local' || !isAddressLiteral(url.hostname),
      'must have a name, not a numeric address.',
    ],
    [
      runtime === 'local' || reachOf(url.hostname.replace(/\.$/, '')) === 'public',
      'must be a public name.',
    ],
  ]
  const broken = rules.find(([holds]) => !holds)
  return broken ? { fault: `${name} ${broken[1]}` } : { url }
}

export type Outcome = { ok: true } | { ok: false; why: string; isGone?: boolean }

/** Whoever is told has this long to answer, ms: nobody may hold up the next check. */
export const TIMEOUT_MS = 5000

/** Sends it off. Follows nobody elsewhere, and reads nothing of the answer but its status. Never throws. */
export async function sendOff(url: URL | string, init: RequestInit = {}): Promise<Outcome> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    void response.body?.cancel().catch(() => undefined)
    return outcomeOf(response.status)
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return {
      ok: false,
      why: isLate ? `No answer within ${TIMEOUT_MS / 1000} s` : 'It could not be reached',
    }
  }
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { ok: true }
  if (status >= 300 && status < 400)
    return { ok: false, why: 'It redirects, and redirects are not followed' }
  return { ok: false, why: `It answered ${status}`, isGone: status === 404 || status === 410 }
}
