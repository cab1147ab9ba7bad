import { reasonForMessage, type Answer, type ReasonName } from '../../src/lib/diagnosis/index.ts'

/** The home did not do what was asked. Carries what came back, so that the cause can be named. */
export class HomeFailure extends Error {
  override readonly name = 'HomeFailure'
  readonly answer: Answer
  /** Set when the reason is known on the spot, as in the middle of a stream. */
  readonly reason: ReasonName | null

  constructor(answer: Answer, reason: ReasonName | null = null) {
    super(answer.kind === 'thrown' ? answer.text : `HTTP ${answer.status}`)
    this.answer = answer
    this.reason = reason
  }
}

/** Ollama's own “server busy”, which comes before anything was begun. */
export const saysBusy = ({ answer }: HomeFailure): boolean =>
  answer.kind === 'response' && answer.status === 503 && reasonForMessage(answer) === 'queue_full'
