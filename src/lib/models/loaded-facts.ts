import type { LoadedModel, WarmUp } from '../contract/warmth.ts'
import { number, span } from '../format.ts'

const YEAR_MS = 365 * 24 * 3_600_000

export const isLoading = (warmUp: WarmUp | null): boolean =>
  warmUp !== null && ['queued', 'loading', 'watching'].includes(warmUp.state)

/** "100 % on the GPU · context 4,096 · unloads in 5 min" */
export const loadedFacts = (
  { gpuShare, contextLength, expiresAt }: LoadedModel,
  now: number,
): string =>
  [
    gpuShare === null ? '' : `${Math.round(gpuShare * 100)} % on the GPU`,
    contextLength === null ? '' : `context ${number(contextLength)}`,
    expiresAt === null ? '' : unloading(Date.parse(expiresAt) - now),
  ]
    .filter(Boolean)
    .join(' · ')

function unloading(ms: number): string {
  if (ms > YEAR_MS) return 'stays loaded'
  return ms > 0 ? `unloads in ${span(ms)}` : 'in use, or about to unload'
}
