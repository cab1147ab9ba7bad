/** The sign-in page, which leads back to this page. */
export const signInPath = ({ pathname }: URL) => `/sign-in?to=${encodeURIComponent(pathname)}`

/** Where to go after signing in: only ever to one of our own pages. */
export function returnPath({ searchParams, origin }: URL): string {
  const to = searchParams.get('to') ?? ''
  if (!to.startsWith('/') || !URL.canParse(to, origin)) return '/llm-test'
  const url = new URL(to, origin)
  return url.origin === origin && !url.pathname.startsWith('/sign-in') ? url.pathname : '/llm-test'
}
