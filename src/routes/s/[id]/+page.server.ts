import type { PageServerLoad } from './$types'

export const prerender = false
export const ssr = true

/** The page without its content, which needs the secret. Only the title, which the owner wrote for everyone, is known here. */
export const load: PageServerLoad = async ({ platform, params, url }) => {
  const request = new Request(new URL(`/api/shares/${encodeURIComponent(params.id)}/title`, url))
  const response = await platform?.env.API.fetch(request)
  return response?.ok ? ((await response.json()) as { title: string }) : { title: '' }
}
