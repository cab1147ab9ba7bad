import { readAddress, type Address, type AddressFault } from '../src/lib/diagnosis/index.ts'
import { readAlertsConfig, type AlertsConfig, type AlertVariables } from './alerts/config.ts'

/** Every variable and secret, as the platform hands them over: texts, or absent. */
export interface Variables extends AlertVariables {
  RUNTIME?: string
  OLLAMA_URL?: string
  OLLAMA_MODELS?: string
  OLLAMA_AUTHORIZATION?: string
  CF_ACCESS_CLIENT_ID?: string
  CF_ACCESS_CLIENT_SECRET?: string
  OWNER_KEY_HASH?: string
  ACCESS_TEAM_DOMAIN?: string
  ACCESS_AUD?: string
  START_CODE_HASH?: string
  LAN_URL?: string
  LAN_HOSTS?: string
  PUBLIC_STATUS?: string
  DOH_URL?: string
  HANDSHAKE_URL?: string
  CONTROL_URL?: string
  ALLOW_CLOUD_MODELS?: string
  ALLOW_MODEL_ADMIN?: string
  LOG_REQUESTS?: string
  GUESTS_ENABLED?: string
  DEMO?: string
  STARTED_AT?: string
}

/** The environment, read once at the door. A bad address is a value here, never an exception. */
export interface Config {
  runtime: 'local' | 'deployed'
  home: Address | { fault: AddressFault }
  /** Models that must be there, first = default; empty = any. */
  wanted: string[]
  /** What the tunnel wants to see: sent to the home's address and nowhere else. */
  credentials: Record<string, string>
  /** A key or Cloudflare Access is set, be it well formed or not: a slip of the pen must not open the home. */
  hasOwner: boolean
  /** Lower-case hex SHA-256 of the owner key; `null`: none, or one that no key fits. */
  ownerKeyHash: string | null
  /** Who signs the owner in instead of a key: Cloudflare Access. `null`: nobody, or not set up well. */
  accessTeam: AccessTeam | null
  /** Hashes of the one-time codes that `npm start` has printed. */
  startCodeHashes: readonly string[]
  /** `npm start -- --lan`: the address for the same network, and the names that this machine has there. */
  lan: { url: string | null; hosts: readonly string[] }
  publicStatus: PublicStatus
  dohUrl: string | null
  /** Who looks at certificates for us: this runtime tells nothing of them. */
  handshakeUrl: string | null
  /** What the control probe asks before `observer_blind`. */
  controlUrl: string | null
  /** Models that run elsewhere, on the account of the home's owner. */
  allowsCloudModels: boolean
  /** Pulling, deleting and copying models. */
  allowsModelAdmin: boolean
  /** A line for each request: who runs a deployment wants it, who looks at a terminal does not. */
  logsRequests: boolean
  /** Whether links may run anything; they can be read all the same. */
  allowsGuests: boolean
  demo: boolean
  /** When this server was started (ms since 1970); 0 when deployed. What was seen before may not be so any more. */
  startedAt: number
  alerts: AlertsConfig
  /** Told of every request that goes to the home, so that somebody may count them. */
  onSend?: () => void
}

export interface AccessTeam {
  issuer: string
  audience: string
}

const PUBLIC_STATUSES = ['cause', 'state', 'off'] as const
type PublicStatus = (typeof PUBLIC_STATUSES)[number]

const PUBLIC_DOH = 'https://cloudflare-dns.com/dns-query'
const PUBLIC_CONTROL = 'https://cloudflare.com/cdn-cgi/trace'

export function readConfig(env: Variables): Config {
  const runtime = env.RUNTIME === 'deployed' ? 'deployed' : 'local'
  return {
    runtime,
    home: readAddress(env.OLLAMA_URL),
    wanted: (env.OLLAMA_MODELS ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    credentials: readCredentials(env),
    hasOwner: [env.OWNER_KEY_HASH, env.ACCESS_TEAM_DOMAIN, env.ACCESS_AUD].some((value) =>
      Boolean(value?.trim()),
    ),
    ownerKeyHash: readHash(env.OWNER_KEY_HASH),
    accessTeam: readAccessTeam(env, runtime),
    startCodeHashes: (env.START_CODE_HASH ?? '').split(',').flatMap((text) => readHash(text) ?? []),
    lan: readLan(env),
    // A word that nobody knows was meant to change something: the safe reading tells strangers nothing.
    publicStatus: readPublicStatus(env.PUBLIC_STATUS ?? '') ?? 'off',
    // Names of a home are asked of the home's own resolver, or not at all: a public one must not learn them.
    dohUrl: env.DOH_URL?.trim() || (runtime === 'deployed' ? PUBLIC_DOH : null),
    handshakeUrl: env.HANDSHAKE_URL?.trim() || null,
    controlUrl: env.CONTROL_URL?.trim() || (runtime === 'deployed' ? PUBLIC_CONTROL : null),
    allowsCloudModels: isOn(env.ALLOW_CLOUD_MODELS),
    allowsModelAdmin: isOn(env.ALLOW_MODEL_ADMIN),
    logsRequests: runtime === 'deployed' || isOn(env.LOG_REQUESTS),
    // A word that nobody knows was meant to keep guests out.
    allowsGuests: (env.GUESTS_ENABLED ?? '').trim() === '' || isOn(env.GUESTS_ENABLED),
    demo: env.DEMO === '1',
    startedAt: Number(env.STARTED_AT) || 0,
    alerts: readAlertsConfig(env, runtime),
  }
}

const readHash = (text = '') => /^[0-9a-f]{64}$/.exec(text.trim().toLowerCase())?.[0] ?? null

/** The team's name, its domain or its address. Plain http is for a stand-in on this machine, and never when deployed. */
function readAccessTeam(
  { ACCESS_TEAM_DOMAIN = '', ACCESS_AUD = '' }: Variables,
  runtime: Config['runtime'],
): AccessTeam | null {
  const given = ACCESS_TEAM_DOMAIN.trim().replace(/\/+$/, '')
  const audience = ACCESS_AUD.trim()
  const issuer = /^https?:/.test(given)
    ? given
    : `https://${given}${given.includes('.') ? '' : '.cloudflareaccess.com'}`
  if (!given || !audience || !URL.canParse(issuer)) return null
  const { protocol, origin } = new URL(issuer)
  return origin === issuer && (protocol === 'https:' || runtime === 'local')
    ? { issuer, audience }
    : null
}

const readLan = ({ LAN_URL = '', LAN_HOSTS = '' }: Variables) => ({
  url: LAN_URL.trim() || null,
  hosts: LAN_HOSTS.split(',').filter(Boolean),
})
const isOn = (text = '') => /^(1|true|yes|on)$/i.test(text.trim())

/** `null`: none of the words. */
export function readPublicStatus(text: string): PublicStatus | null {
  const word = text.trim().toLowerCase() || 'cause'
  return PUBLIC_STATUSES.find((one) => one === word) ?? null
}

function readCredentials(env: Variables): Record<string, string> {
  const given = {
    'CF-Access-Client-Id': env.CF_ACCESS_CLIENT_ID,
    'CF-Access-Client-Secret': env.CF_ACCESS_CLIENT_SECRET,
    Authorization: env.OLLAMA_AUTHORIZATION,
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  )
}
