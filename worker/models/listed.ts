/** What Ollama lists and the npm package's types lack; every field but the name may be missing. */
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
  /** Of what is only passed on to another server. */
  remote_host?: string
  remote_model?: string
}

/** Entries without a name are none: nothing could be asked of them. */
export function namedOf(entries: unknown): Listed[] {
  if (!Array.isArray(entries)) return []
  return (entries as unknown[]).filter(
    (entry): entry is Listed =>
      typeof entry === 'object' &&
      entry !== null &&
      typeof (entry as { name?: unknown }).name === 'string',
  )
}
