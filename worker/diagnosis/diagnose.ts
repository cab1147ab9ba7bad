import { judge, judgeConfiguration, type Verdict } from '../../src/lib/diagnosis/index.ts'
import type { Config } from '../config.ts'
import { climb } from './climb.ts'

/** Measures the home and judges what was seen. Never throws for anything that the home does. */
export async function diagnose(config: Config, wanted: readonly string[] = config.wanted): Promise<Verdict> {
  const { home, runtime } = config
  return 'fault' in home ? judgeConfiguration(home.fault, runtime) : judge(await climb(config, home, wanted))
}
