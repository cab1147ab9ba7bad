import { cloudflareCode } from './cloudflare.ts'
import type { Answer, Evidence } from './evidence.ts'
import { errorText } from './ollama.ts'
import { PROVIDERS, providerOf } from './providers.ts'
import type { Reason, Step } from './reasons/index.ts'

/** What the placeholders of a summary or a command stand for in one check. */
export type Facts = Partial<Record<'model' | 'nearest' | 'error' | 'seconds' | 'status' | 'code', string>>

const SET = {
  deployed: {
    url: 'npx wrangler secret put OLLAMA_URL',
    authorization: 'npx wrangler secret put OLLAMA_AUTHORIZATION',
  },
  local: {
    url: 'OLLAMA_URL=https://your-tunnel.example npm start',
    authorization: "OLLAMA_AUTHORIZATION='Basic …' npm start",
  },
} as const

type Filling = Readonly<Record<string, string | undefined>>

function fillingFor(evidence: Evidence, facts: Facts): Filling {
  const { address, runtime } = evidence
  const provider = providerOf(evidence)
  return {
    ...facts,
    host: address.host,
    port: String(address.port),
    url: address.origin,
    setUrl: SET[runtime].url,
    setAuthorization: SET[runtime].authorization,
    start: provider ? PROVIDERS[provider].start : undefined,
    acceptHost: provider ? PROVIDERS[provider].acceptHost : PROVIDERS.cloudflared.acceptHost,
  }
}

const PLACEHOLDER = /\{(\w+)\}/g

export function fill(text: string, evidence: Evidence, facts: Facts): string {
  const filling = fillingFor(evidence, facts)
  return text.replace(PLACEHOLDER, (_, name: string) => filling[name] ?? '').trim()
}

/** The steps of a fix. A command that names something this check does not know is left out; its sentence stays. */
export function fillFix({ fix }: Reason, evidence: Evidence, facts: Facts): Step[] {
  const filling = fillingFor(evidence, facts)
  const isKnown = (command: string) =>
    [...command.matchAll(PLACEHOLDER)].every(([, name]) => filling[name ?? ''] !== undefined)
  return fix.map(({ text, command }) => ({
    text: fill(text, evidence, facts),
    ...(command && isKnown(command) ? { command: fill(command, evidence, facts) } : {}),
  }))
}

export const seconds = (ms: number) => (ms < 950 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000)))

/** Facts that any answer carries. Foreign error text is cut: it goes into a sentence. */
export function factsOf(answer: Answer): Facts {
  if (answer.kind === 'thrown') return { error: answer.text, seconds: seconds(answer.ms) }
  const code = cloudflareCode(answer) ?? answer.headers['ngrok-error-code']
  const error = errorText(answer.body) ?? ''
  return {
    status: String(answer.status),
    seconds: seconds(answer.ms),
    error: error.length > 200 ? `${error.slice(0, 200)}…` : error,
    ...(code ? { code: String(code) } : {}),
  }
}

/** One line for the owner: what came back. */
export function seen(answer: Answer | undefined): string {
  if (!answer) return 'nothing'
  const { ms } = answer
  if (answer.kind === 'thrown')
    return answer.error === 'timeout' ? `silence for ${seconds(ms)} s` : `${answer.text} after ${Math.round(ms)} ms`
  const code = cloudflareCode(answer) ?? answer.headers['ngrok-error-code']
  const isCodeNews = code && code !== answer.status
  return `HTTP ${answer.status}${isCodeNews ? `, error ${code}` : ''}, after ${Math.round(ms)} ms`
}
