import { error, type RequestHandler } from '@sveltejs/kit'

/** Passes a request on to the API, which is part of the same Worker as the pages. */
export const api: RequestHandler = ({ request, platform }) => {
  if (!platform) error(503, 'The API only exists in the Worker. Start it with: npm run dev')
  return platform.env.API.fetch(request)
}
