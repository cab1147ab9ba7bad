const ALLOWED = new Set(['https:', 'http:', 'mailto:'])

/** A link of a model's answer, if it may be followed: with a scheme of the list and no credentials. Otherwise `null`. */
export function safeLink(href: string): string | null {
  if (!URL.canParse(href)) return null
  const url = new URL(href)
  return ALLOWED.has(url.protocol) && url.username === '' && url.password === '' ? url.href : null
}
