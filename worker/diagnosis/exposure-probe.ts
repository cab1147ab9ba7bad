import { judgeExposure, type Exposure } from '../../src/lib/diagnosis/exposure.ts'
import type { Config } from '../config.ts'
import { asker } from './probes.ts'

const PATIENCE_MS = 4000

/** Asks the home as a stranger would: by its address, without any of the credentials that are set here. */
export async function lookFromOutside(config: Config): Promise<Exposure> {
  const { home } = config
  if ('fault' in home || home.reach !== 'public') return 'not_public'
  const ask = asker(
    { ...config, credentials: {} },
    { requests: 4, endsAt: Date.now() + PATIENCE_MS },
  )
  const version = await ask({ route: 'GET /api/version' }, PATIENCE_MS, { tries: 2 })
  const tags = await ask({ route: 'GET /api/tags' }, PATIENCE_MS, { tries: 2 })
  return judgeExposure(home, version, tags)
}
