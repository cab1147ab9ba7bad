import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { Config, Team } from '../config.ts'
import { cookieOf } from './credential.ts'

/** Once the team's keys are known they are asked for again this seldom, whatever is sent to us. ms. */
const ASK_AGAIN_MS = 30_000
const KEEP_KEYS_MS = 60 * 60_000

/** Where Access stands before a page, every request carries its word in this header; its other headers prove nothing. */
const HEADER = 'cf-access-jwt-assertion'

/** The same word, as the browser keeps it: where Access lets everybody pass, for guests, it adds no header. */
const COOKIE = 'CF_Authorization'

interface Assertion {
  word: string
  /** Access stands before this very path, so its word is the only one. */
  isFinal: boolean
}

/** `null`: none was sent, or nobody here would believe one. */
export function assertionOf({ team }: Config, request: Request): Assertion | null {
  if (team === null) return null
  const added = request.headers.get(HEADER)
  const word = added ?? cookieOf(request, COOKIE)
  return word === null ? null : { word, isFinal: added !== null }
}

/**
 * Since when the team lets them in, and until when, ms since 1970; `null`: it does not, as far as we can tell. A program that
 * Access lets pass by a service token is nobody (its `sub` is empty): it may bring a token of ours.
 */
export async function signedIn(
  { team }: Config,
  { word }: Assertion,
): Promise<{ at: number; until: number } | null> {
  if (team === null) return null
  try {
    const { issuer, audience } = team
    const claims = ['exp', 'iat', 'sub']
    const { payload } = await jwtVerify(word, keysOf(team), {
      issuer,
      audience,
      algorithms: ['RS256'],
      requiredClaims: claims,
    })
    const { iat = 0, exp = 0, sub } = payload
    return sub ? { at: iat * 1000, until: exp * 1000 } : null
  } catch {
    // Whatever is wrong, with the word or with the keys: nobody is let in.
    return null
  }
}

type Auth = ReturnType<typeof createRemoteJWKSet>
const known = new WeakMap<Team, Auth>()

function keysOf(team: Team): Auth {
  const keys =
    known.get(team) ??
    createRemoteJWKSet(new URL('/cdn-cgi/access/certs', team.issuer), {
      cooldownDuration: ASK_AGAIN_MS,
      cacheMaxAge: KEEP_KEYS_MS,
    })
  known.set(team, keys)
  return keys
}
