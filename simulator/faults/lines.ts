/** Faults between an address and an HTTP answer: the port, the connection, its encryption. */
import { hostname } from 'node:os'
import { socket, tls, type Fault, type Places } from '../fault.ts'

const secure = ({ secureUrl }: Places) => ({ OLLAMA_URL: secureUrl })

export const LINE_FAULTS = {
  refused: socket('Nothing listens on the port.', 'refuses'),
  refused_elsewhere: {
    ...socket('Nothing listens on the port of another machine.', 'refuses'),
    settings: ({ url }: Places) => ({ OLLAMA_URL: url.replace('127.0.0.1', hostname()) }),
  },
  reset: socket('The connection is reset when the request arrives.', 'resets'),
  hang: socket('The connection opens, and no answer ever comes.', 'hangs'),
  closed_at_once: socket('The connection opens and is closed before any request.', 'closes'),
  not_http: socket('The program on the port does not speak HTTP.', 'babbles'),
  blinks: socket(
    'Healthy, but each kept connection is closed as its second request arrives.',
    'blinks',
  ),
  tls_expired: tls('The certificate has expired.', 'expired'),
  tls_not_yet_valid: tls('The certificate is not valid yet.', 'notYet'),
  tls_wrong_name: tls('The certificate is for another name.', 'otherName'),
  tls_self_signed: tls('The certificate is self-signed.', 'inTime'),
  tls_client_certificate: tls(
    'The server requires a client certificate.',
    'wantsClientCertificate',
  ),
  tls_old_protocol: tls('The server speaks TLS 1.1 and nothing newer.', 'oldProtocol'),
  tls_hangs_up: tls('The server closes the connection during the TLS handshake.', 'hangsUp'),
  https_to_plain_port: {
    title: 'The address is https, but the port does not speak TLS.',
    kind: 'settings',
    settings: secure,
  },
} as const satisfies Record<string, Fault>
