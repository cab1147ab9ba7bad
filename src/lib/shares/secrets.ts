/** Patterns of things that should stay private. The page warns about them, but blocks nothing: a pattern only guesses. */
const LOOKS_LIKE = {
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/g,
  'an API key':
    /\b(?:sk|pk|rk|pl|ghp|gho|ghs|ghu|github_pat|glpat|xox[abprs]|hf|AKIA|ASIA|AIza|npm|dop_v1)[-_]?[A-Za-z0-9_-]{16,}/g,
  'a token': /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bBearer\s+[\w.~+/-]{16,}=*/g,
  'a password':
    /\b(?:password|passwort|passwd|secret|api[_-]?key)\b["']?\s*[:=]\s*["']?[^\s"']{6,}/gi,
  'a link with a login': /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:[^\s/@]+@/gi,
  'an e-mail address': /[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/gi,
  'an IP address':
    /(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])|(?<![\w:])(?:[\da-f]{1,4}:){4,7}[\da-f]{1,4}(?![\w:])/gi,
  'a path of a home folder': /(?:\/(?:home|Users)\/|[A-Z]:\\Users\\)[\w.-]+/g,
} as const satisfies Record<string, RegExp>

type Kind = keyof typeof LOOKS_LIKE

export interface Suspect {
  what: Kind
  /** The part of the share that contains it. */
  where: string
  /** Enough to find it, without showing it all. */
  hint: string
}

const HINT_CHARS = 8
/** Of one kind in one part; more would push the other warnings out of sight. */
const MOST_PER_KIND = 3

const hintOf = (text: string) => (text.length > HINT_CHARS ? `${text.slice(0, HINT_CHARS)}…` : text)

/** Likely secrets in these texts, which are named by their part of the share. */
export function suspectsIn(parts: Readonly<Record<string, string>>): Suspect[] {
  return Object.entries(parts).flatMap(([where, text]) =>
    (Object.keys(LOOKS_LIKE) as Kind[]).flatMap((what) =>
      [...new Set([...text.matchAll(LOOKS_LIKE[what])].map(([found]) => found))]
        .slice(0, MOST_PER_KIND)
        .map((found) => ({ what, where, hint: hintOf(found) })),
    ),
  )
}
