import * as v from 'valibot'
import type { Exposure } from '../diagnosis/exposure.ts'
import type { Step } from '../diagnosis/index.ts'

/** `GET /api/exposure`: whether a stranger who knows the home's address can use its Ollama. */
export interface ExposureReport {
  state: Exposure
  /** `null`: nobody has looked yet. */
  checkedAt: string | null
  /** What closes it; empty unless it is open. */
  fix: Step[]
  /** Until then the owner does not want to be reminded at length. */
  hiddenUntil: string | null
  /** Set when this Ollama has a hole that strangers use. */
  advisory: { id: string; version: string; fixedIn: string } | null
}

/** `POST /api/exposure/hide`. */
export const HideRequest = v.strictObject({
  days: v.pipe(v.number('must be a number of days'), v.integer(), v.minValue(0), v.maxValue(30)),
})
