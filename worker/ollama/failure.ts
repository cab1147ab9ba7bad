import type { Answer, ReasonName } from '../../src/lib/diagnosis/index.ts'

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
