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
