/** What changed between versions of Ollama, as far as a client can see it. */
export const SINCE = {
  versionRoute: '0.1.14',
  hostCheck: '0.1.29',
  doneReason: '0.1.35',
  psRoute: '0.1.38',
  modelInfo: '0.1.45',
  capabilities: '0.6.4',
  methodNotAllowed: '0.7.0',
  headVersion: '0.5.12',
  contextLengthInPs: '0.10.0',
  statusRoute: '0.16.2',
  thinkMax: '0.22.0',
  /** Recorded on 0.24.0; the exact version between that and 0.12.11 is not known. */
  invalidNameText: '0.24.0',
  anyThinkLevel: '0.24.0',
  cloudShow: '0.24.0',
  manyWithoutGpu: '0.24.0',
  everyTokenVisible: '0.24.0',
  tagsCapabilities: '0.30.0',
  showNormalisesName: '0.30.0',
} as const satisfies Record<string, string>

export type Change = keyof typeof SINCE

const numbers = (version: string): number[] => version.split('-')[0]?.split('.').map(Number) ?? []

export function has(version: string, change: Change): boolean {
  const [mine, since] = [numbers(version), numbers(SINCE[change])]
  const at = since.findIndex((part, index) => part !== (mine[index] ?? 0))
  return at < 0 || (mine[at] ?? 0) > (since[at] ?? 0)
}
