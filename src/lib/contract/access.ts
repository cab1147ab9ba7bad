/** What an API token may do. */
export const SCOPES = {
  'status:read': 'See the status with its cause and its fix',
  'runs:write': 'Start runs, and see the ones it started',
  'models:read': 'List the models',
  v1: 'Use /v1 as any OpenAI client does',
} as const

export type Scope = keyof typeof SCOPES

/** In whose name a run is made, in the order in which they come to their turn. */
export const LANES = ['owner', 'token', 'guest'] as const
export type Lane = (typeof LANES)[number]

/** Who started a run: its lane, and for a token its id, for a guest the share and the ticket. */
export type Starter = { lane: 'owner' } | { lane: 'token'; id: string } | { lane: 'guest'; id: string; ticket: string }

/** A device that is signed in. Times RFC 3339, UTC. */
export interface SessionInfo {
  id: string
  /** Coarse words for the browser and its system. */
  device: string
  createdAt: string
  lastSeenAt: string
  /** When it ends unless it is used before. */
  expiresAt: string
  /** Whether it is the one that asks. */
  current: boolean
}

/** An API token, without its secret. Times RFC 3339, UTC. */
export interface TokenInfo {
  id: string
  name: string
  scopes: Scope[]
  createdAt: string
  expiresAt: string
  lastUsedAt: string | null
}
