import { isChoice, variantsOf } from './choices.ts'
import { cloudflareCode } from './cloudflare.ts'
import type { Answer, Evidence } from './evidence.ts'
import { errorText } from './ollama.ts'
import type { Reason, Step, StepTemplate } from './reasons/index.ts'
import { targetOf } from './signs/sign.ts'

/** What the placeholders of a sentence or a command stand for in one check. */
export type Facts = Partial<
  Record<
    | 'model'
    | 'nearest'
    | 'first'
    | 'error'
    | 'seconds'
    | 'status'
    | 'code'
    | 'target'
    | 'difference'
    | 'comment'
    | 'detail'
    | 'validFrom'
    | 'validTo'
    | 'megabytes',
    string
  >
>

const SET = {
  deployed: {
    setUrl: 'npx wrangler secret put OLLAMA_URL',
    setAuthorization: 'npx wrangler secret put OLLAMA_AUTHORIZATION',
    setAccess: 'npx wrangler secret put CF_ACCESS_CLIENT_ID && npx wrangler secret put CF_ACCESS_CLIENT_SECRET',
  },
  local: {
    setUrl: 'OLLAMA_URL=https://your-tunnel.example npm start',
    setAuthorization: "OLLAMA_AUTHORIZATION='Basic …' npm start",
    setAccess: 'CF_ACCESS_CLIENT_ID=… CF_ACCESS_CLIENT_SECRET=… npm start',
  },
} as const

type Filling = Readonly<Record<string, string | undefined>>

function fillingFor(evidence: Evidence, facts: Facts): Filling {
  const { address, runtime } = evidence
  return {
    ...factsOfLine(evidence),
    ...facts,
    host: address.host,
    port: String(address.port),
    url: address.origin,
    ...SET[runtime],
  }
}

const PLACEHOLDER = /\{(\w+)\}/g

const filled = (text: string, filling: Filling) =>
  text.replace(PLACEHOLDER, (_, name: string) => filling[name] ?? '').trim()

export const fill = (text: string, evidence: Evidence, facts: Facts) => filled(text, fillingFor(evidence, facts))

/** The steps of a fix. A command that names something this check does not know is left out; its sentence stays. */
export function fillFix({ fix }: Reason, evidence: Evidence, facts: Facts): Step[] {
  const filling = fillingFor(evidence, facts)
  return fix.map((step) => fillStep(step, evidence, filling))
}

function fillStep({ text, command }: StepTemplate, evidence: Evidence, filling: Filling): Step {
  const step = { text: filled(text, filling) }
  if (command === undefined) return step
  const choice = /^\{(\w+)\}$/.exec(command)?.[1] ?? ''
  if (!isChoice(choice)) {
    const isKnown = [...command.matchAll(PLACEHOLDER)].every(([, name]) => filling[name ?? ''] !== undefined)
    return isKnown ? { ...step, command: filled(command, filling) } : step
  }
  const variants = variantsOf(choice, evidence).map(({ for: whom, command: form }) => ({
    for: whom,
    command: filled(form, filling),
  }))
  const [likeliest] = variants
  if (likeliest === undefined) return step
  return { ...step, command: likeliest.command, ...(variants.length > 1 ? { variants } : {}) }
}

export const seconds = (ms: number) => {
  if (ms < 50) return 'under 0.1'
  return ms < 950 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000))
}

/** What resolver and handshake add to a sentence. */
function factsOfLine({ resolution, handshake }: Evidence): Facts {
  return {
    ...(resolution ? { code: String(resolution.status) } : {}),
    comment: resolution?.comment ? ` It adds: ${cut(resolution.comment)}.` : '',
    detail: handshake?.error ? ` The handshake ended with ${handshake.error}.` : '',
    ...(handshake ? { validFrom: handshake.validFrom.slice(0, 10), validTo: handshake.validTo.slice(0, 10) } : {}),
  }
}

const LONGEST = 200
const cut = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)

/** Facts that any answer carries. Foreign error text is cut: it goes into a sentence. */
export function factsOf(answer: Answer, { address }: Pick<Evidence, 'address'>): Facts {
  if (answer.kind === 'thrown') return { error: answer.text, seconds: seconds(answer.ms) }
  const code = codeOf(answer)
  const target = targetOf(answer, address.origin)
  return {
    status: String(answer.status),
    seconds: seconds(answer.ms),
    error: cut(errorText(answer.body) ?? ''),
    ...(code === null ? {} : { code }),
    ...(target ? { target: target.origin === 'null' ? target.protocol : target.origin } : {}),
    ...(answer.cutAt === undefined ? {} : { megabytes: String(Math.round(answer.cutAt / 1e6)) }),
  }
}

const codeOf = (answer: Extract<Answer, { kind: 'response' }>) => {
  const code = cloudflareCode(answer) ?? answer.headers['ngrok-error-code']
  return code === undefined ? null : String(code)
}

/** One line for the owner: what came back. */
export function seen(answer: Answer | undefined): string {
  if (!answer) return 'nothing'
  const { ms } = answer
  if (answer.kind === 'thrown')
    return answer.error === 'timeout' ? `silence for ${seconds(ms)} s` : `${answer.text} after ${Math.round(ms)} ms`
  const code = codeOf(answer)
  const isCodeNews = code !== null && code !== String(answer.status)
  return `HTTP ${answer.status}${isCodeNews ? `, error ${code}` : ''}, after ${Math.round(ms)} ms`
}
