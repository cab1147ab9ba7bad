/** A model as Ollama lists it. Every field except the name may be missing, and the npm package's types lack some. */
export interface Listed {
  name: string
  size?: number
  digest?: string
  modified_at?: string | Date
  details?: {
    parameter_size?: string
    quantization_level?: string
    family?: string
    context_length?: number
  } | null
  capabilities?: string[] | null
  /** Set for a model that runs on another server. */
  remote_host?: string
  remote_model?: string
}

/** Drops entries without a name: no request could name them. */
export function namedOf(entries: unknown): Listed[] {
  if (!Array.isArray(entries)) return []
  return (entries as unknown[]).filter(
    (entry): entry is Listed =>
      typeof entry === 'object' &&
      entry !== null &&
      typeof (entry as { name?: unknown }).name === 'string',
  )
}
