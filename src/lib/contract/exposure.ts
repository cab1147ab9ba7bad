import * as v from 'valibot'
import type { Exposure } from '../diagnosis/exposure.ts'
import type { Step } from '../diagnosis/index.ts'

/** `GET /api/exposure`: whether a stranger who knows the home's address can use its Ollama. */
export interface ExposureReport {
  state: Exposure
  /** `null`: not checked yet. */
  checkedAt: string | null
  /** How to close the home; empty unless it is open. */
  fix: Step[]
  /** The owner has hidden the full warning until then. */
  hiddenUntil: string | null
  /** Set if this Ollama has a vulnerability that strangers can exploit. */
  advisory: { id: string; version: string; fixedIn: string } | null
}

/** `POST /api/exposure/hide`. */
export const HideRequest = v.strictObject({
  days: v.pipe(v.number('must be a number of days'), v.integer(), v.minValue(0), v.maxValue(30)),
})
