import {
  judge,
  judgeConfiguration,
  passedSoFar,
  type Verdict,
} from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import type { CheckRequest, OnFindings } from './port.ts'
import { climb } from './climb.ts'

/** Measures the home and judges what was seen. Never throws for anything that the home does. */
export async function diagnose(
  config: Config,
  question: Omit<CheckRequest, 'fresh'> = {},
  onFindings?: OnFindings,
): Promise<Verdict> {
  const { home, runtime, hasOwner } = config
  if (runtime === 'deployed' && !hasOwner) return judgeConfiguration('owner_key_missing', runtime)
  if ('fault' in home) return judgeConfiguration(home.fault, runtime)
  const { model, deep = false, load = false } = question
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
