/** A duration as people read it: 0.42 s, 8.1 s, 2 min 5 s. */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 1) return `${seconds.toFixed(2)} s`
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** Whole seconds, for a count that runs. */
export const count = (ms: number) => `${Math.floor(ms / 1000)} s`

/** Bytes as a size on disk: 2.0 GB. Decimal, as Ollama says it. */
export function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`
}

/** How long ago, roughly: "8 s ago", "14 min ago", "3 h ago", "2 days ago". */
export function ago(iso: string, now: number): string {
  return `${span(now - Date.parse(iso))} ago`
}

export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86400)} days`
}

/** The time of day on this device; with the day when it was another one. */
export function clock(iso: string, now: number): string {
  const then = new Date(iso)
  const time = then.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return then.toDateString() === new Date(now).toDateString()
    ? time
    : `${then.toLocaleDateString([], { day: 'numeric', month: 'short' })}, ${time}`
}

const numbers = new Intl.NumberFormat('en')
export const number = (value: number) => numbers.format(value)

const KINDS: Readonly<Record<string, string>> = {
  completion: '',
  insert: 'insert',
  tools: 'tools',
  vision: 'images',
  thinking: 'thinking',
  embedding: 'embedding',
}

/** What can be done with a model, beyond answering. */
export const kinds = (capabilities: readonly string[]) =>
  capabilities.map((one) => KINDS[one] ?? one).filter(Boolean)

/** “24 Nov 2026”. */
export const day = (time: string) =>
  new Date(time).toLocaleDateString('en-GB', { dateStyle: 'medium' })
