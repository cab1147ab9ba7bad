import { RpcTarget } from 'cloudflare:workers'
import type { Outlook, WarmRequest, WarmUp } from '../../src/lib/contract/warmth.ts'
import type { Implements } from '../ports.ts'
import type { Weights, WarmUpPort } from './port.ts'
import { WarmUpTask, type Needs } from './warm-up.ts'

/** Loads one model at a time before it is needed, and knows how long loading takes at this home. */
export class WarmUpService extends RpcTarget implements Implements<WarmUpPort> {
  readonly #needs: Needs
  readonly #keepAwake: () => void
  #task: WarmUpTask | null = null

  constructor(needs: Needs, keepAwake: () => void) {
    super()
    this.#needs = needs
    this.#keepAwake = keepAwake
  }

  /** `null` while another model is being loaded. */
  start(request: WarmRequest): WarmUp | null {
    const current = this.#task
    if (current && !current.isOver)
      return current.told().model === request.model ? current.told() : null
    this.#task = new WarmUpTask(this.#needs, request)
    this.#keepAwake()
    return this.#task.told()
  }

  read(): WarmUp | null {
    return this.#task?.told() ?? null
  }

  stop(): void {
    this.#task?.stop()
  }

  outlooks(models: Weights[]): Outlook[] {
    return models.map((weights) => this.#needs.loads.outlook(weights))
  }

  get isBusy(): boolean {
    return this.#task?.isOver === false
  }

  async idle(): Promise<void> {
    await this.#task?.over
  }
}
