import { RpcTarget } from 'cloudflare:workers'
import type { Outlook, WarmRequest, WarmUp } from '../../src/lib/contract/warmth.ts'
import type { Implements } from '../ports.ts'
import type { Weights, WarmUpPort } from './port.ts'
import { WarmUpTask, type WarmUpDependencies } from './warm-up.ts'

export class WarmUpService extends RpcTarget implements Implements<WarmUpPort> {
  readonly #dependencies: WarmUpDependencies
  readonly #keepAwake: () => void
  #task: WarmUpTask | null = null

  constructor(dependencies: WarmUpDependencies, keepAwake: () => void) {
    super()
    this.#dependencies = dependencies
    this.#keepAwake = keepAwake
  }

  start(request: WarmRequest): WarmUp | null {
    const current = this.#task
    if (current && !current.hasEnded)
      return current.model === request.model ? current.snapshot() : null
    this.#task = new WarmUpTask(this.#dependencies, request)
    this.#keepAwake()
    return this.#task.snapshot()
  }

  read(): WarmUp | null {
    return this.#task?.snapshot() ?? null
  }

  stop(): void {
    this.#task?.stop()
  }

  outlooks(models: Weights[]): Outlook[] {
    return models.map((weights) => this.#dependencies.loadTimes.outlook(weights))
  }

  get isBusy(): boolean {
    return this.#task?.hasEnded === false
  }

  async idle(): Promise<void> {
    await this.#task?.ended
  }
}
