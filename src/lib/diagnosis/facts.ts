import { variantsOf, type CommandVariants } from './command-variants.ts'
import { cloudflareCode } from './cloudflare.ts'
import type { Answer, Evidence } from './evidence.ts'
import { errorText } from './ollama.ts'
import { providerOf, providerOfHost } from './providers.ts'
import type { Reason, Step, StepTemplate } from './reasons/index.ts'
import { targetOf } from './fingerprints/fingerprint.ts'

/** The values of the placeholders in sentences and commands, for one check. */
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
    ...connectionFacts(evidence),
    ...facts,
    host: address.host,
    port: String(address.port),
    url: address.origin,
    // Behind a tunnel Ollama has its usual port; on this machine it has the port of the address.
    ollamaPort: String(address.reach === 'public' ? 11434 : address.port),
    ngrokUrl: providerOfHost(address.host) === 'ngrok' ? ` --url ${address.origin}` : '',
  }
}

const PLACEHOLDER = /\{(\w+)\}/g

/** Text from the home. It is quoted, so that it cannot inject a second command into the owner's shell. */
const UNTRUSTED = new Set(['model', 'first'])
const quoted = (value: string) =>
  /^[\w.:/@-]*$/.test(value) ? value : `'${value.replace(/'/g, `'\\''`)}'`

const filledCommand = (command: string, filling: Filling) =>
  command
    .replace(PLACEHOLDER, (_, name: string) =>
      UNTRUSTED.has(name) ? quoted(filling[name] ?? '') : (filling[name] ?? ''),
    )
    .trim()

const filled = (text: string, filling: Filling) =>
  text.replace(PLACEHOLDER, (_, name: string) => filling[name] ?? '').trim()

export const fill = (text: string, evidence: Evidence, facts: Facts) =>
  filled(text, fillingFor(evidence, facts))

/** The steps of a fix, with the variants of each command that fit this home and this server. */
export function fillFix({ fix, tunnels }: Reason, evidence: Evidence, facts: Facts): Step[] {
  const filling = fillingFor(evidence, facts)
  const context = { runtime: evidence.runtime, provider: providerOf(evidence), tunnels }
  return fix.map((step) => fillStep(step, filling, (word) => variantsOf(word, context)))
}

/** A command with an unknown placeholder is left out; its sentence stays. */
export function fillStep(
  { text, command }: StepTemplate,
  filling: Filling,
  choose: (word: string) => CommandVariants | null,
): Step {
  const step = { text: filled(text, filling) }
  if (command === undefined) return step
  const choice = choose(/^\{(\w+)\}$/.exec(command)?.[1] ?? '') ?? {
    by: null,
    variants: [{ for: '', command }],
  }
  const variants = choice.variants.flatMap((variant) =>
    isKnown(variant.command, filling)
      ? [{ ...variant, command: filledCommand(variant.command, filling) }]
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

/** The facts that the resolver and the handshake add. */
function connectionFacts({ resolution, handshake }: Evidence): Facts {
  return {
    ...(resolution ? { code: String(resolution.status) } : {}),
    comment: resolution?.comment ? ` The resolver adds: ${cut(resolution.comment)}.` : '',
    detail: handshake?.error ? ` The handshake ended with ${handshake.error}.` : '',
    ...(handshake
      ? { validFrom: handshake.validFrom.slice(0, 10), validTo: handshake.validTo.slice(0, 10) }
      : {}),
  }
}

const MAX_ERROR_LENGTH = 200
const cut = (text: string) =>
  text.length > MAX_ERROR_LENGTH ? `${text.slice(0, MAX_ERROR_LENGTH)}…` : text

/** The facts of an answer. Error text from outside is cut, because it goes into a sentence. */
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

/** What came back, in one line for the owner. */
export function describeAnswer(answer: Answer | undefined): string {
  if (!answer) return 'nothing'
  const { ms } = answer
  if (answer.kind === 'thrown')
    return answer.error === 'timeout'
      ? `silence for ${seconds(ms)} s`
      : `${answer.text} after ${Math.round(ms)} ms`
  const code = codeOf(answer)
  const isCodeDifferent = code !== null && code !== String(answer.status)
  return `HTTP ${answer.status}${isCodeDifferent ? `, error ${code}` : ''}, after ${Math.round(ms)} ms`
}
