import { readAddress, type Address, type AddressFault } from '../src/lib/diagnosis/index.ts'
import { readAlertsConfig, type AlertsConfig, type AlertVariables } from './alerts/config.ts'

/** All variables and secrets, as the platform provides them. */
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

/** The environment, parsed once. An invalid address is a value here, not an exception. */
export interface Config {
  runtime: 'local' | 'deployed'
  home: Address | { fault: AddressFault }
  /** Models that must be installed; the first is the default. Empty: any. */
  wanted: string[]
  /** Headers for the tunnel, sent only to the home’s address. */
  credentials: Record<string, string>
  /** A key or Cloudflare Access is set. A malformed value counts too: a typing error must not open the home. */
  hasOwner: boolean
  /** Lower-case hex SHA-256 of the owner key; `null` if it is missing or malformed. */
  ownerKeyHash: string | null
  /** The Cloudflare Access team that signs the owner in; `null` if it is missing or malformed. */
  accessTeam: AccessTeam | null
  /** Hashes of the one-time codes that `npm start` printed. */
  startCodeHashes: readonly string[]
  /** `npm start -- --lan`: this machine’s address and host names on the local network. */
  lan: { url: string | null; hosts: readonly string[] }
  publicStatus: PublicStatus
  dohUrl: string | null
  /** The service that inspects certificates, because the runtime does not expose them. */
  handshakeUrl: string | null
  /** The address of the control probe, which decides whether the cause is `observer_blind`. */
  controlUrl: string | null
  /** Models that run in Ollama’s cloud, on the owner’s account. */
  allowsCloudModels: boolean
  /** Pulling, deleting and copying models. */
  allowsModelAdmin: boolean
  /** A log line for each request: useful in a deployment, noise in a terminal. */
  logsRequests: boolean
  /** Whether guests may start runs. Links stay readable in any case. */
  allowsGuests: boolean
  demo: boolean
  /** When this server started (ms since 1970), because earlier observations may be outdated; 0 when deployed. */
  startedAt: number
  alerts: AlertsConfig
  /** Called for every request to the home. */
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
    // An unknown value was meant to change something; `off` is the safe choice.
    publicStatus: readPublicStatus(env.PUBLIC_STATUS ?? '') ?? 'off',
    // A public resolver must not learn the names of a local network.
    dohUrl: env.DOH_URL?.trim() || (runtime === 'deployed' ? PUBLIC_DOH : null),
    handshakeUrl: env.HANDSHAKE_URL?.trim() || null,
    controlUrl: env.CONTROL_URL?.trim() || (runtime === 'deployed' ? PUBLIC_CONTROL : null),
    allowsCloudModels: isOn(env.ALLOW_CLOUD_MODELS),
    allowsModelAdmin: isOn(env.ALLOW_MODEL_ADMIN),
    logsRequests: runtime === 'deployed' || isOn(env.LOG_REQUESTS),
    // An unknown value was meant to keep guests out.
    allowsGuests: (env.GUESTS_ENABLED ?? '').trim() === '' || isOn(env.GUESTS_ENABLED),
    demo: env.DEMO === '1',
    startedAt: Number(env.STARTED_AT) || 0,
    alerts: readAlertsConfig(env, runtime),
  }
}

const readHash = (text = '') => /^[0-9a-f]{64}$/.exec(text.trim().toLowerCase())?.[0] ?? null

/** Accepts the team’s name, domain or address. Plain http is only for a test server on this machine. */
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

/** `null` for an unknown value. */
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
