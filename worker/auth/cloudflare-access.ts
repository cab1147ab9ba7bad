import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { AccessTeam, Config } from '../config.ts'
import { cookieOf } from './credential.ts'

/** Forged assertions must not make us fetch the team’s keys more often than this. */
const COOLDOWN_MS = 30_000
const KEYS_MAX_AGE_MS = 60 * 60_000

/** On a path behind Access, every request carries a signed assertion in this header; its other headers prove nothing. */
const HEADER = 'cf-access-jwt-assertion'

/** The browser’s copy of the assertion. On paths that Access leaves open (for guests), there is no header. */
const COOKIE = 'CF_Authorization'

interface Assertion {
  jwt: string
  /** This path is behind Access, so no other credential counts. */
  isFinal: boolean
}

/** When the person signed in to Access, and until when that is valid, in ms since 1970. */
export interface AccessSession {
  at: number
  until: number
}

export function assertionOf({ accessTeam }: Config, request: Request): Assertion | null {
  if (accessTeam === null) return null
  const header = request.headers.get(HEADER)
  const jwt = header ?? cookieOf(request, COOKIE)
  return jwt === null ? null : { jwt, isFinal: header !== null }
}

/** `null` for an invalid assertion, and for a service token (its `sub` is empty): programs need a token of ours. */
export async function accessSession(
  { accessTeam }: Config,
  { jwt }: Assertion,
): Promise<AccessSession | null> {
  if (accessTeam === null) return null
  try {
    const { payload } = await jwtVerify(jwt, keysOf(accessTeam), {
      issuer: accessTeam.issuer,
      audience: accessTeam.audience,
      algorithms: ['RS256'],
      requiredClaims: ['exp', 'iat', 'sub'],
    })
    const { iat = 0, exp = 0, sub } = payload
    return sub ? { at: iat * 1000, until: exp * 1000 } : null
  } catch {
    // Access stays closed even if only fetching the keys failed.
    return null
  }
}

type KeySet = ReturnType<typeof createRemoteJWKSet>
const keySets = new WeakMap<AccessTeam, KeySet>()

function keysOf(team: AccessTeam): KeySet {
  const keys =
    keySets.get(team) ??
    createRemoteJWKSet(new URL('/cdn-cgi/access/certs', team.issuer), {
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: KEYS_MAX_AGE_MS,
    })
  keySets.set(team, keys)
  return keys
}
