import type { Reason } from './reason.ts'
import { INSPECT_CERTIFICATE, START_TUNNEL, WAKE } from './steps.ts'

const TLS = { cause: 'tls_failure', rung: 'connect' } as const

/** Between the connection and its encryption. */
export const ENCRYPTION_REASONS = {
  certificate_expired: {
    ...TLS,
    summary: 'The certificate of {host} has expired (on {validTo}).',
    why: 'The server presented it, and its last day has passed.',
    fix: [
      { text: 'Renew it where it was issued.', command: 'sudo certbot renew' },
      INSPECT_CERTIFICATE,
    ],
  },
  certificate_not_yet_valid: {
    ...TLS,
    summary: 'The certificate of {host} is not valid yet (only from {validFrom}).',
    why: 'The server presented it, and its first day is in the future. Often a clock is wrong.',
    fix: [
      { text: 'Check that the clocks of both machines are right.', command: 'date' },
      INSPECT_CERTIFICATE,
    ],
  },
  certificate_wrong_name: {
    ...TLS,
    summary: 'The server’s certificate is not for the name {host}.',
    why: 'The server presented a certificate for other names.',
    fix: [
      { text: 'Use the name that the certificate is for.', command: '{setUrl}' },
      { text: 'Or get the server a certificate for this name.' },
      INSPECT_CERTIFICATE,
    ],
  },
  certificate_untrusted: {
    ...TLS,
    summary: 'The certificate of {host} is self-signed, or its issuer is unknown here.',
    why: 'The server presented it. It is current and for this name, but no issuer that we trust has signed it.',
    fix: [
      {
        text: 'If the issuer is yours, trust it here.',
        command: 'NODE_EXTRA_CA_CERTS=/path/to/issuer.pem npm start',
      },
      {
        text: 'If the issuer is public, let the server send the whole chain (nginx: fullchain.pem).',
      },
      {
        text: 'From the internet only public issuers are trusted: let the proxy get a certificate from one.',
        command: 'sudo certbot',
      },
      INSPECT_CERTIFICATE,
    ],
  },
  certificate_rejected: {
    ...TLS,
    summary: 'The certificate of {host} is not trusted: self-signed, expired or for another name.',
    why: 'Cloudflare’s edge answered with error 526.',
    fix: [
      INSPECT_CERTIFICATE,
      { text: 'Get the server a certificate from a public issuer.', command: 'sudo certbot renew' },
    ],
  },
  tls_to_plain: {
    ...TLS,
    summary: 'OLLAMA_URL starts with https://, but {host}:{port} does not speak TLS.',
    why: 'It replied to the TLS handshake with something that is not TLS.',
    fix: [
      { text: 'If this is Ollama’s own port, use http:// instead.', command: '{setUrl}' },
      { text: 'If it is a proxy, turn TLS on there.' },
    ],
    or: ['tunnel_misrouted', 'connection_failed'],
  },
  plain_to_tls: {
    ...TLS,
    summary: 'The server expects encryption, but OLLAMA_URL starts with http://.',
    why: 'It answered so itself, with HTTP 400.',
    fix: [{ text: 'Use https:// in the address.', command: '{setUrl}' }],
    or: ['tunnel_misrouted'],
  },
  tls_closed: {
    ...TLS,
    summary: 'The connection opens and is closed as soon as encryption should begin.',
    why: 'The server closed the connection during the TLS handshake. A relay does so when nothing is connected behind it.',
    fix: [WAKE, START_TUNNEL, INSPECT_CERTIFICATE],
    or: ['tunnel_down', 'connection_failed', 'ollama_down'],
    retry: true,
  },
  client_certificate_wanted: {
    ...TLS,
    summary: '{host} seems to require a client certificate, and Porchlight has none.',
    why: 'An encrypted connection opens, but every request on it is cut off.',
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
      'The connection opens, but encryption fails: the certificate is not trusted, or the server speaks no TLS version that we accept (1.2 or newer).',
    why: 'A bare TCP connection opens and an encrypted one does not.{detail}',
    fix: [INSPECT_CERTIFICATE, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted', 'access_blocked', 'connection_failed'],
  },
  edge_handshake: {
    ...TLS,
    summary: 'Cloudflare and the server behind {host} could not agree on encryption (error 525).',
    why: 'Cloudflare’s edge answered with error 525.',
    fix: [INSPECT_CERTIFICATE, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted'],
  },
} as const satisfies Record<string, Reason>
