import { Hono } from 'hono'
import { HideRequest, type ExposureReport } from '../../src/lib/contract/exposure.ts'
import { closingSteps, isUnsafeVersion, SAFE_VERSION } from '../../src/lib/diagnosis/exposure.ts'
import { bodyGuard, jsonBody } from '../http/body.ts'
import { allowMethods } from '../http/methods.ts'
import { requires } from '../auth/guard.ts'
import { fromOwnPage } from '../auth/same-origin.ts'
import type { Config } from '../config.ts'
import type { KeptExposure, KeptVerdict } from './port.ts'
import type { Ports } from '../ports.ts'
import { DAY_MS, iso } from '../time.ts'

/** Whether a stranger can use the home, and how to close it. Only for the owner. */
export function exposure(ports: Ports) {
  const owner = requires(ports)
  return new Hono()
    .get('/', fromOwnPage(ports.config), owner, async (c) =>
      c.json(
        exposureReport(
          ports.config,
          await ports.exposure.state(c.req.query('fresh') === '1'),
          await ports.diagnosis.check({}),
        ),
      ),
    )
    .all('/', allowMethods('GET, HEAD'))
    .post('/hide', owner, bodyGuard, jsonBody(HideRequest), async (c) => {
      const exposure = await ports.exposure.hide(Date.now() + c.req.valid('json').days * DAY_MS)
      return c.json(exposureReport(ports.config, exposure, await ports.diagnosis.check({})))
    })
    .all('/hide', allowMethods('POST'))
}

/** `latest`: the verdict on the home, whose version may have a vulnerability. */
export function exposureReport(
  { home }: Config,
  kept: KeptExposure,
  latest: KeptVerdict | null,
): ExposureReport {
  const version = latest?.verdict.version ?? latest?.lastSeen?.version ?? null
  const isHidden = kept.hiddenUntil !== null && kept.hiddenUntil > Date.now()
  return {
    state: kept.state,
    checkedAt: kept.checkedAt === null ? null : iso(kept.checkedAt),
    fix: kept.state === 'open' && !('fault' in home) ? closingSteps(home.host) : [],
    hiddenUntil: isHidden ? iso(kept.hiddenUntil ?? 0) : null,
    advisory:
      version !== null && isUnsafeVersion(version)
        ? { id: 'CVE-2026-7482', version, fixedIn: SAFE_VERSION }
        : null,
  }
}
