import { PROVIDERS, providerOf } from './providers.ts'
import type { Evidence } from './evidence.ts'
import type { Variant } from './reasons/reason.ts'

/** Commands of the home machine that differ by system, the likeliest system first. */
const BY_SYSTEM = {
  startOllama: {
    Linux: 'sudo systemctl restart ollama',
    macOS: 'open -a Ollama',
    Windows: 'ollama serve',
    Docker: 'docker start ollama',
  },
  ollamaLog: {
    Linux: 'journalctl -u ollama -n 50 --no-pager',
    macOS: 'tail -n 50 ~/.ollama/logs/server.log',
    Windows: 'Get-Content "$env:LOCALAPPDATA\\Ollama\\server.log" -Tail 50',
    Docker: 'docker logs --tail 50 ollama',
  },
  whoListens: {
    Linux: 'sudo ss -ltnp | grep 11434; docker ps',
    macOS: 'lsof -nP -iTCP:11434 -sTCP:LISTEN; docker ps',
    Windows: 'netstat -ano | findstr :11434',
  },
  updateOllama: {
    Linux: 'curl -fsSL https://ollama.com/install.sh | sh',
    macOS: 'brew upgrade ollama',
    Windows: 'winget upgrade Ollama.Ollama',
    Docker: 'docker pull ollama/ollama && docker restart ollama',
  },
} as const satisfies Record<string, Record<string, string>>

type BySystem = keyof typeof BY_SYSTEM
type ByTunnel = 'start' | 'acceptHost' | 'tunnelState'
export type ChoiceName = BySystem | ByTunnel

const isBySystem = (name: string): name is BySystem => Object.hasOwn(BY_SYSTEM, name)
const isByTunnel = (name: string): name is ByTunnel => ['start', 'acceptHost', 'tunnelState'].includes(name)
export const isChoice = (name: string): name is ChoiceName => isBySystem(name) || isByTunnel(name)

/** Every form of one command, the likeliest first. A tunnel that its host name gives away leaves only its own. */
export function variantsOf(name: ChoiceName, evidence: Evidence | null): Variant[] {
  if (isBySystem(name)) return Object.entries(BY_SYSTEM[name]).map(([system, command]) => ({ for: system, command }))
  const found = evidence ? providerOf(evidence) : null
  const all = Object.entries(PROVIDERS).map(([key, provider]) => ({ key, for: provider.name, command: provider[name] }))
  const own = all.filter(({ key }) => key === found?.name)
  const kept = found?.isCertain ? own : [...own, ...all.filter((one) => !own.includes(one))]
  return kept.flatMap(({ for: tunnel, command }) => (command === null ? [] : [{ for: tunnel, command }]))
}
