import * as v from 'valibot'
import type { InstalledModel } from './llm.ts'

/** A name in Ollama's own registry: a model and a tag, optionally with its publisher. Never the address of another server. */
const PART = '[a-z0-9_][a-z0-9_.-]{0,79}'
const NAME = new RegExp(`^([a-z0-9_][a-z0-9_-]{0,79}/)?${PART}(:${PART})?$`, 'i')

export const ModelName = v.pipe(
  v.string('must be the name of a model'),
  v.trim(),
  v.regex(NAME, 'must be a name like qwen3:4b or someone/model, without the address of a registry'),
)

/** `POST /api/models/pull`: the answer is NDJSON, one `PullLine` per line. */
export const PullRequest = v.strictObject({ model: ModelName })
/** `POST /api/models/copy`. */
export const CopyRequest = v.strictObject({ source: ModelName, destination: ModelName })

/** `total` and `completed` are in bytes, once known. The last line has `done` or `error`. */
export interface PullLine {
  status?: string
  total?: number
  completed?: number
  done?: true
  error?: { code: PullFailure; text: string }
}

export type PullFailure =
  'no_such_model' | 'no_space' | 'no_network' | 'newer_ollama' | 'private_model' | 'unknown'

/** `GET /api/models`: the installed models, and whether they may be changed from here. */
export interface ModelAdministration {
  models: InstalledModel[]
  /** Why they may not be changed; `null`: they may. */
  refusal: 'switched_off' | 'sign_in_again' | null
}
