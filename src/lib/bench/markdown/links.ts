const ALLOWED = new Set(['https:', 'http:', 'mailto:'])

/** A link of a model's answer, if it may be followed: with a scheme of the list and no credentials. Otherwise `null`. */
export function safeLink(href: string): string | null {
  if (!URL.canParse(href)) return null
  const url = new URL(href)
  return ALLOWED.has(url.protocol) && url.username === '' && url.password === '' ? url.href : null
}

/**
 * The host that a link really leads to, where its words could make one think of another: a name in letters of another
 * alphabet (shown as it is sent), or words that are themselves an address of somewhere else. Otherwise `null`.
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
