import { PROVIDERS, type ProviderName } from './providers.ts'
import type { Variant } from './reasons/reason.ts'

/** Commands of the home machine that differ by system, the likeliest system first. */
const BY_SYSTEM = {
  startOllama: {
    Linux: 'sudo systemctl restart ollama',
    macOS: 'open -a Ollama',
    Windows: 'ollama serve',
    Docker: 'docker start ollama',
  },
  restartOllama: {
    Linux: 'sudo systemctl restart ollama',
    macOS: 'killall Ollama ollama; open -a Ollama',
    Windows: 'taskkill /F /IM ollama.exe & ollama serve',
    Docker: 'docker restart ollama',
  },
  ollamaLog: {
    Linux: 'journalctl -u ollama -n 50 --no-pager',
    macOS: 'tail -n 50 ~/.ollama/logs/server.log',
    Windows: 'Get-Content "$env:LOCALAPPDATA\\Ollama\\server.log" -Tail 50',
    Docker: 'docker logs --tail 50 ollama',
  },
  whoListens: {
    Linux: 'sudo ss -ltnp | grep :{ollamaPort}',
    macOS: 'lsof -nP -iTCP:{ollamaPort} -sTCP:LISTEN',
    Windows: 'netstat -ano | findstr :{ollamaPort}',
    Docker: 'docker ps --filter publish={ollamaPort}',
  },
  openOllama: {
    Linux: 'OLLAMA_HOST=0.0.0.0 ollama serve',
    macOS: 'launchctl setenv OLLAMA_HOST 0.0.0.0',
    Windows: 'setx OLLAMA_HOST 0.0.0.0',
  },
  updateOllama: {
    Linux: 'curl -fsSL https://ollama.com/install.sh | sh',
    macOS: 'brew upgrade ollama',
    Windows: 'winget upgrade Ollama.Ollama',
    Docker: 'docker pull ollama/ollama',
  },
} as const satisfies Record<string, Record<string, string>>

const PLACES = { local: 'npm start', deployed: 'deployed' } as const

/** How this server is told something, by where it runs. */
const BY_PLACE = {
  setUrl: {
    local: 'OLLAMA_URL=https://your-tunnel.example npm start',
    deployed: 'npx wrangler secret put OLLAMA_URL',
  },
  setAuthorization: {
    local: "OLLAMA_AUTHORIZATION='Basic …' npm start",
    deployed: 'npx wrangler secret put OLLAMA_AUTHORIZATION',
  },
  setAccess: {
    local: 'CF_ACCESS_CLIENT_ID=… CF_ACCESS_CLIENT_SECRET=… npm start',
    deployed:
      'npx wrangler secret put CF_ACCESS_CLIENT_ID && npx wrangler secret put CF_ACCESS_CLIENT_SECRET',
  },
  wantModel: {
    local: 'OLLAMA_MODELS={first} npm start',
    deployed: 'npx wrangler deploy --var OLLAMA_MODELS:{first}',
  },
} as const satisfies Record<string, Record<keyof typeof PLACES, string>>

/** What is known of the home and of this server. Both unknown: every form is told. */
export interface Chooser {
  runtime: keyof typeof PLACES | null
  provider: { name: ProviderName; isCertain: boolean } | null
  /** The tunnels that alone can be meant. */
  tunnels?: readonly ProviderName[] | undefined
}

export interface Choice {
  by: 'tunnel' | 'system' | 'place'
  variants: Variant[]
}

const TUNNEL_COMMANDS = ['start', 'point', 'acceptHost', 'tunnelState'] as const
type TunnelCommand = (typeof TUNNEL_COMMANDS)[number]

const has = <Table extends object>(table: Table, name: PropertyKey): name is keyof Table =>
  Object.hasOwn(table, name)

/** Every form of one command, the likeliest first. `null`: the word stands for no command that differs. */
export function choiceOf(word: string, chooser: Chooser): Choice | null {
  const { runtime } = chooser
  if (has(BY_SYSTEM, word)) return { by: 'system', variants: entries(BY_SYSTEM[word]) }
  if (has(BY_PLACE, word)) {
    const all = Object.entries(BY_PLACE[word]) as [keyof typeof PLACES, string][]
    const kept = all.filter(([place]) => runtime === null || place === runtime)
    return {
      by: 'place',
      variants: kept.map(([place, command]) => ({ for: PLACES[place], command })),
    }
  }
  const command = TUNNEL_COMMANDS.find((name) => name === word)
  return command === undefined ? null : { by: 'tunnel', variants: tunnelVariants(command, chooser) }
}

const entries = (commands: Record<string, string>) =>
  Object.entries(commands).map(([name, command]) => ({ for: name, command }))

/** A tunnel that its host name gives away leaves only its own; one that is guessed stands first. */
function tunnelVariants(command: TunnelCommand, { provider: found, tunnels }: Chooser): Variant[] {
  const isMeant = (key: string) => tunnels === undefined || tunnels.some((name) => name === key)
  const meant = Object.entries(PROVIDERS).filter(([key]) => isMeant(key))
  const all = meant.flatMap(([key, provider]) => {
    const form = provider[command]
    return form === null ? [] : [{ key, for: provider.name, command: form }]
  })
  const own = all.filter(({ key }) => key === found?.name)
  const kept =
    found?.isCertain && own.length > 0 ? own : [...own, ...all.filter((one) => !own.includes(one))]
  return kept.map(({ for: tunnel, command: form }) => ({ for: tunnel, command: form }))
}
