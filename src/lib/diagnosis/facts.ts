import { choiceOf, type Choice } from './command-variants.ts'
import { cloudflareCode } from './cloudflare.ts'
import type { Answer, Evidence } from './evidence.ts'
import { errorText } from './ollama.ts'
import { providerOf, providerOfHost } from './providers.ts'
import type { Reason, Step, StepTemplate } from './reasons/index.ts'
import { targetOf } from './fingerprints/fingerprint.ts'

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

type Filling = Readonly<Record<string, string | undefined>>

function fillingFor(evidence: Evidence, facts: Facts): Filling {
  const { address } = evidence
  return {
    ...factsOfLine(evidence),
    ...facts,
    host: address.host,
    port: String(address.port),
    url: address.origin,
    // Behind a tunnel Ollama is where it usually is; on this machine it is where it was asked.
    ollamaPort: String(address.reach === 'public' ? 11434 : address.port),
    ngrokUrl: providerOfHost(address.host) === 'ngrok' ? ` --url ${address.origin}` : '',
  }
}

const PLACEHOLDER = /\{(\w+)\}/g

/** What others wrote. In a command it may not become a second one, in the shell of whoever copies it. */
const FOREIGN = new Set(['model', 'first'])
const quoted = (value: string) =>
  /^[\w.:/@-]*$/.test(value) ? value : `'${value.replace(/'/g, `'\\''`)}'`

const filledCommand = (command: string, filling: Filling) =>
  command
    .replace(PLACEHOLDER, (_, name: string) =>
      FOREIGN.has(name) ? quoted(filling[name] ?? '') : (filling[name] ?? ''),
    )
    .trim()

const filled = (text: string, filling: Filling) =>
  text.replace(PLACEHOLDER, (_, name: string) => filling[name] ?? '').trim()

export const fill = (text: string, evidence: Evidence, facts: Facts) =>
  filled(text, fillingFor(evidence, facts))

/** The steps of a fix, with the forms of a command that fit this home and this server. */
export function fillFix({ fix, tunnels }: Reason, evidence: Evidence, facts: Facts): Step[] {
  const filling = fillingFor(evidence, facts)
  const chooser = { runtime: evidence.runtime, provider: providerOf(evidence), tunnels }
  return fix.map((step) => fillStep(step, filling, (word) => choiceOf(word, chooser)))
}

/** A command that names something that is not known is left out; its sentence stays. */
export function fillStep(
  { text, command }: StepTemplate,
  filling: Filling,
  choose: (word: string) => Choice | null,
): Step {
  const step = { text: filled(text, filling) }
  if (command === undefined) return step
  const choice = choose(/^\{(\w+)\}$/.exec(command)?.[1] ?? '') ?? {
    by: null,
    variants: [{ for: '', command }],
  }
  const variants = choice.variants.flatMap((form) =>
    isKnown(form.command, filling)
      ? [{ ...form, command: filledCommand(form.command, filling) }]
      : [],
  )
  const [likeliest] = variants
  if (likeliest === undefined) return step
  const isChoice = choice.by !== null && variants.length > 1
  return { ...step, command: likeliest.command, ...(isChoice ? { by: choice.by, variants } : {}) }
}

const isKnown = (command: string, filling: Filling) =>
  [...command.matchAll(PLACEHOLDER)].every(([, name]) => filling[name ?? ''] !== undefined)

export const seconds = (ms: number) => {
  if (ms < 50) return 'under 0.1'
  return ms < 950 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000))
}

/** What resolver and handshake add to a sentence. */
function factsOfLine({ resolution, handshake }: Evidence): Facts {
  return {
    ...(resolution ? { code: String(resolution.status) } : {}),
    comment: resolution?.comment ? ` The resolver adds: ${cut(resolution.comment)}.` : '',
    detail: handshake?.error ? ` The handshake ended with ${handshake.error}.` : '',
    ...(handshake
      ? { validFrom: handshake.validFrom.slice(0, 10), validTo: handshake.validTo.slice(0, 10) }
      : {}),
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
    return answer.error === 'timeout'
      ? `silence for ${seconds(ms)} s`
      : `${answer.text} after ${Math.round(ms)} ms`
  const code = codeOf(answer)
  const isCodeNews = code !== null && code !== String(answer.status)
  return `HTTP ${answer.status}${isCodeNews ? `, error ${code}` : ''}, after ${Math.round(ms)} ms`
}
