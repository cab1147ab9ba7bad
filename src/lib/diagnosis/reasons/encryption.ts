import type { Reason } from './reason.ts'
import { SEE_CERTIFICATE, START_TUNNEL, WAKE } from './steps.ts'

const TLS = { cause: 'tls_failure', rung: 'connect' } as const

/** Between a connection and an encrypted line. */
export const ENCRYPTION_REASONS = {
  certificate_expired: {
    ...TLS,
    summary: 'The certificate of {host} has expired (on {validTo}).',
    why: 'The server showed it, and its last day is over.',
    fix: [{ text: 'Renew it where it is made.', command: 'sudo certbot renew' }, SEE_CERTIFICATE],
  },
  certificate_not_yet_valid: {
    ...TLS,
    summary: 'The certificate of {host} is not valid yet (only from {validFrom}).',
    why: 'The server showed it, and its first day is still to come. Often a clock is wrong.',
    fix: [
      { text: 'See that the clocks of both machines are right.', command: 'date' },
      SEE_CERTIFICATE,
    ],
  },
  certificate_wrong_name: {
    ...TLS,
    summary: 'The certificate that answers is not for the name {host}.',
    why: 'The server showed a certificate for other names.',
    fix: [
      { text: 'Write the name that the certificate is for.', command: '{setUrl}' },
      { text: 'Or let the server have one for this name.' },
      SEE_CERTIFICATE,
    ],
  },
  certificate_untrusted: {
    ...TLS,
    summary: 'The certificate of {host} is self-made, or its issuer is not known here.',
    why: 'The server showed it, in its time and for this name, but nobody that we trust has signed it.',
    fix: [
      {
        text: 'If the issuer is yours, trust it here.',
        command: 'NODE_EXTRA_CA_CERTS=/path/to/issuer.pem npm start',
      },
      {
        text: 'If the issuer is a public one, let the server send the whole chain (nginx: fullchain.pem).',
      },
      {
        text: 'From the internet only a public issuer counts: let the proxy get a certificate.',
        command: 'sudo certbot',
      },
      SEE_CERTIFICATE,
    ],
  },
  certificate_rejected: {
    ...TLS,
    summary: 'The certificate of {host} is not trusted: self-made, expired or for another name.',
    why: 'Cloudflare’s edge answered with error 526.',
    fix: [
      SEE_CERTIFICATE,
      { text: 'Let the server have one of a public issuer.', command: 'sudo certbot renew' },
    ],
  },
  tls_to_plain: {
    ...TLS,
    summary: 'OLLAMA_URL starts with https://, but {host}:{port} does not speak TLS.',
    why: 'It answered the greeting of an encrypted line with something else.',
    fix: [
      { text: 'If this is Ollama’s own port, write http:// in front.', command: '{setUrl}' },
      { text: 'If it is a proxy, switch TLS on there.' },
    ],
    or: ['tunnel_misrouted', 'connection_failed'],
  },
  plain_to_tls: {
    ...TLS,
    summary: 'The other side wants encryption, but OLLAMA_URL starts with http://.',
    why: 'It said so itself, with HTTP 400.',
    fix: [{ text: 'Write https:// in front of the address.', command: '{setUrl}' }],
    or: ['tunnel_misrouted'],
  },
  tls_closed: {
    ...TLS,
    summary: 'The connection opens, and is closed as soon as encryption should begin.',
    why: 'The server hung up on the greeting. A relay does so when nothing stands behind it.',
    fix: [WAKE, START_TUNNEL, SEE_CERTIFICATE],
    or: ['tunnel_down', 'connection_failed', 'ollama_down'],
    retry: true,
  },
  client_certificate_wanted: {
    ...TLS,
    summary: '{host} seems to want a certificate from us, and we have none.',
    why: 'An encrypted line opens, but every request on it is cut off.',
    fix: [
      {
        text: 'Let requests to /api/ through without a client certificate (mTLS), or use a tunnel.',
      },
    ],
    or: ['access_blocked', 'connection_failed'],
  },
  tls_handshake: {
    ...TLS,
    summary:
      'The connection opens, but no encrypted line comes about: the certificate is not trusted, or the other side speaks no TLS that we accept (1.2 or newer).',
    why: 'A bare connection opens and an encrypted one does not.{detail}',
    fix: [SEE_CERTIFICATE, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted', 'access_blocked', 'connection_failed'],
  },
  edge_handshake: {
    ...TLS,
    summary: 'Cloudflare and what stands behind {host} could not agree on encryption (error 525).',
    why: 'Cloudflare’s edge answered with error 525.',
    fix: [SEE_CERTIFICATE, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted'],
  },
} as const satisfies Record<string, Reason>
