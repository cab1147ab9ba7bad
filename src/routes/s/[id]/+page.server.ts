import type { PageServerLoad } from './$types'

export const prerender = false
export const ssr = true

/** The shell says nothing of the share but the title that its owner wrote for everybody. */
export const load: PageServerLoad = async ({ platform, params, url }) => {
  const asked = new Request(new URL(`/api/shares/${encodeURIComponent(params.id)}/title`, url))
  const answer = await platform?.env.API.fetch(asked)
  const { title } = answer?.ok ? ((await answer.json()) as { title: string }) : { title: '' }
  return { title }
}
