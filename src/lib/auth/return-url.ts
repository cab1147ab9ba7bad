/** The page to sign in at, which leads back to where somebody was. */
export const signInPath = ({ pathname }: URL) => `/sign-in?to=${encodeURIComponent(pathname)}`

/** Where to go afterwards: only ever a page of ours. */
export function returnPath({ searchParams, origin }: URL): string {
  const to = searchParams.get('to') ?? ''
  if (!to.startsWith('/') || !URL.canParse(to, origin)) return '/llm-test'
  const url = new URL(to, origin)
  return url.origin === origin && !url.pathname.startsWith('/sign-in') ? url.pathname : '/llm-test'
}
