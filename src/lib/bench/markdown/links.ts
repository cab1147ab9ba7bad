const ALLOWED = new Set(['https:', 'http:', 'mailto:'])

/** Returns a link of an answer if its scheme is allowed and it holds no credentials, otherwise `null`. */
export function safeLink(href: string): string | null {
  if (!URL.canParse(href)) return null
  const url = new URL(href)
  return ALLOWED.has(url.protocol) && url.username === '' && url.password === '' ? url.href : null
}

/**
 * The real host of a link whose text suggests another one: a name in a different alphabet (in its encoded form), or a text
 * that is itself an address. Otherwise `null`.
 */
export function hostNote(href: string, words: string): string | null {
  const { hostname, protocol, pathname } = new URL(href)
  if (protocol === 'mailto:')
    return words.includes('@') && !words.includes(pathname) ? pathname : null
  if (/(^|\.)xn--/.test(hostname)) return hostname
  const named = /^(?:https?:\/\/)?((?:[\p{L}\d-]+\.)+\p{L}{2,})(?:[/?#:]|$)/iu.exec(
    words.trim(),
  )?.[1]
  const isSame = named === undefined || `.${hostname}`.endsWith(`.${named.toLowerCase()}`)
  return isSame ? null : hostname
}
