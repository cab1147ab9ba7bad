/** Recorded states (part, state) whose truth is a TLS handshake: played by real listeners, with the case that plays each. */
export const TLS_STATES = {
  'caddy, https works': 'good',
  'nginx, https works': 'good',
  'tls-cases, good certificate': 'good',
  'tls-cases, good certificate, full chain through an intermediate': 'chain',
  'tls-cases, self-signed': 'self',
  'tls-cases, expired': 'expired',
  'tls-cases, not yet valid': 'early',
  'tls-cases, wrong name': 'elsewhere',
  'tls-cases, incomplete chain': 'half a chain',
  'tls-cases, TLS 1.1 only': 'old',
  'tls-cases, client certificate demanded': 'asks back',
  'tls-cases, https to a plain HTTP port': 'plain',
  'tls-cases, TLS peer closes at once (Funnel offline looks like this)': 'closes',
  'tls-cases, TLS peer reads the hello, then resets': 'resets',
  'caddy, https, name unknown to Caddy (TLS alert)': 'unknown name',
} as const

export type TlsCase = (typeof TLS_STATES)[keyof typeof TLS_STATES]
