import { api, request } from '../api.ts'
import type { RunDetail } from '../contract/runs.ts'

/** A run with its recipe and its output, as Porchlight stores it. */
export const findRun = async (id: string) =>
  (await request(api.api.runs[':id'].$get({ param: { id } }))) as RunDetail
