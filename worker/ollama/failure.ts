import { reasonForMessage, type Answer, type ReasonName } from '../../src/lib/diagnosis/index.ts'

/** A failed request to the home, with the answer that names the cause. */
export class HomeFailure extends Error {
  override readonly name = 'HomeFailure'
  readonly answer: Answer
  /** Set if the reason is known at once, as in the middle of a stream. */
  readonly reason: ReasonName | null

  constructor(answer: Answer, reason: ReasonName | null = null) {
    super(answer.kind === 'thrown' ? answer.text : `HTTP ${answer.status}`)
    this.answer = answer
    this.reason = reason
  }
}

/** Whether Ollama answered “server busy”, which it does before it starts on the request. */
export const isBusyAnswer = ({ answer }: HomeFailure): boolean =>
  answer.kind === 'response' && answer.status === 503 && reasonForMessage(answer) === 'queue_full'
