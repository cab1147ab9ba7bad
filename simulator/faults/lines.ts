/** Between an address and an HTTP answer: the port, the connection, its encryption. */
import { hostname } from 'node:os'
import { socket, tls, type Fault, type Places } from '../fault.ts'

const secure = ({ secureUrl }: Places) => ({ OLLAMA_URL: secureUrl })

export const LINE_FAULTS = {
  refused: socket('Nothing listens on the port.', 'refuses'),
  refused_elsewhere: {
    ...socket('Nothing listens on the port of another machine.', 'refuses'),
    settings: ({ url }: Places) => ({ OLLAMA_URL: url.replace('127.0.0.1', hostname()) }),
  },
  reset: socket('The connection is reset once the request has arrived.', 'resets'),
  hang: socket('The connection opens and nothing ever answers.', 'hangs'),
  closed_at_once: socket('The connection opens and is closed before any request.', 'closes'),
  not_http: socket('What listens on the port does not speak HTTP.', 'babbles'),
  blinks: socket(
    'Healthy, but each kept connection is closed as its second request arrives.',
    'blinks',
  ),
  tls_expired: tls('The certificate has expired.', 'expired'),
  tls_not_yet_valid: tls('The certificate is not valid yet.', 'notYet'),
  tls_wrong_name: tls('The certificate is for another name.', 'otherName'),
  tls_self_signed: tls('The certificate is signed by itself.', 'inTime'),
  tls_client_certificate: tls(
    'The server wants a certificate of whoever asks.',
    'wantsClientCertificate',
  ),
  tls_old_protocol: tls('The server speaks TLS 1.1 and nothing newer.', 'oldProtocol'),
  tls_hangs_up: tls('The server hangs up as soon as encryption should begin.', 'hangsUp'),
  https_to_plain_port: {
    title: 'The address says https, and the port does not speak TLS.',
    kind: 'settings',
    settings: secure,
  },
} as const satisfies Record<string, Fault>
