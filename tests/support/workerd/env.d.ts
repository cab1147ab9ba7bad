import type { Env as WorkerEnv } from '../../../worker/env.ts'
import type * as WorkerModule from '../../../worker/index.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      HOME: WorkerEnv['HOME']
    }
    interface GlobalProps {
      mainModule: typeof WorkerModule
    }
  }
}
