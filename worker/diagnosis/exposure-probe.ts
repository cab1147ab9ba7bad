import { judgeExposure, type Exposure } from '../../src/lib/diagnosis/exposure.ts'
import type { Config } from '../config.ts'
import { asker } from './probes.ts'

const TIMEOUT_MS = 4000

/** Contacts the home as a stranger would: at its address, without the configured credentials. */
export async function probeExposure(config: Config): Promise<Exposure> {
  const { home } = config
  if ('fault' in home || home.reach !== 'public') return 'not_public'
  const ask = asker(
    { ...config, credentials: {} },
    { requests: 4, endsAt: Date.now() + TIMEOUT_MS },
  )
  const version = await ask({ route: 'GET /api/version' }, TIMEOUT_MS, { tries: 2 })
  const tags = await ask({ route: 'GET /api/tags' }, TIMEOUT_MS, { tries: 2 })
  return judgeExposure(home, version, tags)
}
