import { code } from 'virtual:status-script'

export const prerender = true

export const GET = () => new Response(code, { headers: { 'Content-Type': 'text/javascript' } })
