import {
  judge,
  judgeConfiguration,
  passedSoFar,
  type Verdict,
} from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import type { CheckRequest, OnFindings } from './port.ts'
import { climb } from './climb.ts'

/** Measures the home and judges the evidence. Never throws because of the home. */
export async function diagnose(
  config: Config,
  request: Omit<CheckRequest, 'fresh'> = {},
  onFindings?: OnFindings,
): Promise<Verdict> {
  const { home, runtime, hasOwner } = config
  if (runtime === 'deployed' && !hasOwner) return judgeConfiguration('owner_key_missing', runtime)
  if ('fault' in home) return judgeConfiguration(home.fault, runtime)
  const { model, deep = false, load = false } = request
  const wanted = model ? [model] : config.wanted
  return judge(
    await climb(config, home, {
      wanted,
      deep,
      load,
      onProgress: (evidence) => onFindings?.(passedSoFar(evidence)),
    }),
  )
}
