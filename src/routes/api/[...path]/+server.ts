import { api } from '$lib/server/api'

export const prerender = false
export const fallback = api
