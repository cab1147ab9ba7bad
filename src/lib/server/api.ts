import { error, type RequestHandler } from '@sveltejs/kit'

/** Hands a request to the API, which lives beside the pages in the same Worker. */
export const api: RequestHandler = ({ request, platform }) => {
  if (!platform) error(503, 'The API only exists in the Worker. Start it with: npm run dev')
  return platform.env.API.fetch(request)
}
