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

/** Commands that configure this server, by where it runs. */
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

/** What is known about the home and this server. If both are unknown, all variants are returned. */
export interface VariantContext {
  runtime: keyof typeof PLACES | null
  provider: { name: ProviderName; isCertain: boolean } | null
  /** The only tunnels that the reason can apply to. */
  tunnels?: readonly ProviderName[] | undefined
}

export interface CommandVariants {
  by: 'tunnel' | 'system' | 'place'
  variants: Variant[]
}

const TUNNEL_COMMANDS = ['start', 'point', 'acceptHost', 'tunnelState'] as const
type TunnelCommand = (typeof TUNNEL_COMMANDS)[number]

const has = <Table extends object>(table: Table, name: PropertyKey): name is keyof Table =>
  Object.hasOwn(table, name)

/** All variants of a command, the likeliest first. `null`: the word names no command with variants. */
export function variantsOf(word: string, context: VariantContext): CommandVariants | null {
  const { runtime } = context
  if (has(BY_SYSTEM, word)) return { by: 'system', variants: entries(BY_SYSTEM[word]) }
  if (has(BY_PLACE, word)) {
    const all = Object.entries(BY_PLACE[word]) as [keyof typeof PLACES, string][]
    const matching = all.filter(([place]) => runtime === null || place === runtime)
    return {
      by: 'place',
      variants: matching.map(([place, command]) => ({ for: PLACES[place], command })),
    }
  }
  const command = TUNNEL_COMMANDS.find((name) => name === word)
  return command === undefined ? null : { by: 'tunnel', variants: tunnelVariants(command, context) }
}

const entries = (commands: Record<string, string>) =>
  Object.entries(commands).map(([name, command]) => ({ for: name, command }))

/** If the host name identifies the tunnel, only its variant is returned; a guessed tunnel comes first. */
function tunnelVariants(
  command: TunnelCommand,
  { provider: found, tunnels }: VariantContext,
): Variant[] {
  const isMeant = (key: string) => tunnels === undefined || tunnels.some((name) => name === key)
  const meant = Object.entries(PROVIDERS).filter(([key]) => isMeant(key))
  const all = meant.flatMap(([key, provider]) => {
    const variant = provider[command]
    return variant === null ? [] : [{ key, for: provider.name, command: variant }]
  })
  const detected = all.filter(({ key }) => key === found?.name)
  const variants =
    found?.isCertain && detected.length > 0
      ? detected
      : [...detected, ...all.filter((one) => !detected.includes(one))]
  return variants.map(({ for: tunnel, command: variant }) => ({ for: tunnel, command: variant }))
}
