/**
 * Causes are the API's contract: closed, coarse, stable words. The title is all that a stranger is told.
 * Reasons (reasons.ts) are fine, belong to the owner and may grow freely.
 */
export const CAUSES = {
  ok: { title: 'Everything answers' },
  not_configured: { title: 'No usable home address yet' },
  address_unreachable: { title: 'The address only works at home' },
  dns_failure: { title: 'The address does not resolve' },
  connection_failed: { title: 'The connection fails' },
  tls_failure: { title: 'The certificate or encryption fails' },
  tunnel_down: { title: 'Tunnel is down' },
  tunnel_misrouted: { title: 'The tunnel leads elsewhere' },
  access_blocked: { title: 'Something stands in the way' },
  ollama_down: { title: 'Ollama does not answer' },
  host_rejected: { title: 'Ollama refuses this host name' },
  not_ollama: { title: 'Something else answers' },
  ollama_outdated: { title: 'Ollama is too old' },
  ollama_error: { title: 'Ollama answers with an error' },
  ollama_busy: { title: 'Ollama is busy' },
  split_home: { title: 'Two different servers answer' },
  model_missing: { title: 'The model is not on your home machine' },
  model_failed: { title: 'The model fails' },
  generation_stuck: { title: 'The answer stopped coming' },
  timed_out: { title: 'No answer in time' },
  observer_blind: { title: 'We cannot see out right now' },
  unknown: { title: 'Failed in a way we have no name for yet' },
} as const

export type Cause = keyof typeof CAUSES
