/** The answers of reverse proxies, byte for byte where recorded. */
import { httpDate } from './durations.ts'
import type { Head } from './incoming.ts'
import type { Answer, HeaderLines } from './reply.ts'

const HTML = 'text/html; charset=utf-8'

export function nginxPage(
  status: number,
  title: string,
  more: HeaderLines = [],
  heading = title,
  note = '',
  connection = 'keep-alive',
): Answer {
  const lines = [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${heading}</h1></center>`,
    ...(note ? [`<center>${note}</center>`] : []),
    '<hr><center>nginx/1.22.1</center>',
    '</body>',
    '</html>',
    '',
  ]
  const body = lines.join('\r\n')
  return {
    status,
    reason: heading.slice(4),
    headers: [
      ['Server', 'nginx/1.22.1'],
      ['Date', httpDate()],
      ['Content-Type', 'text/html'],
      ['Content-Length', String(Buffer.byteLength(body))],
      ['Connection', connection],
      ...more,
    ],
    body,
  }
}

export function nginxTlsPort(): Answer {
  const note = 'The plain HTTP request was sent to HTTPS port'
  return nginxPage(400, `400 ${note}`, [], '400 Bad Request', note, 'close')
}

export function nginxForbidden(): Answer {
  const headers: HeaderLines = [
    ['Server', 'nginx/1.22.1'],
    ['Date', httpDate()],
    ['Content-Length', '0'],
    ['Connection', 'keep-alive'],
    ['ETag', '"6b04abc5-0"'],
  ]
  return { status: 403, headers, body: '' }
}

export function caddy(status: number, more: HeaderLines = []): Answer {
  return {
    status,
    headers: [['Server', 'Caddy'], ...more, ['Date', httpDate()], ['Content-Length', '0']],
    body: '',
  }
}

export function haproxyNoServer(): Answer {
  const body =
    '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n'
  return {
    status: 503,
    headers: [
      ['content-length', String(body.length)],
      ['cache-control', 'no-cache'],
      ['content-type', 'text/html'],
    ],
    body,
  }
}

export function apacheUnavailable({ headers }: Head): Answer {
  const server = 'Apache/2.4.71 (Debian) OpenSSL/3.0.19'
  const [name = 'home.test', port = '80'] = (headers.host ?? '').split(':')
  const body = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html><head>
<title>503 Service Unavailable</title>
</head><body>
<h1>Service Unavailable</h1>
<p>The server is temporarily unable to service your
request due to maintenance downtime or capacity
problems. Please try again later.</p>
<hr>
<address>${server} Server at ${name} Port ${port}</address>
</body></html>
`
  const length = String(Buffer.byteLength(body))
  return {
    status: 503,
    headers: [
      ['Date', httpDate()],
      ['Server', server],
      ['Content-Length', length],
      ['Connection', 'close'],
      ['Content-Type', 'text/html; charset=iso-8859-1'],
    ],
    body,
  }
}

/** Apache's page when it cannot resolve the name of the machine behind it. Recorded. */
export function apacheCannotResolve(): Answer {
  const body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head>
<title>500 Proxy Error</title>
</head><body>
<h1>Proxy Error</h1>
The proxy server could not handle the request<p>Reason: <strong>DNS lookup failure for: ollama</strong></p></body></html>
`
  return {
    status: 500,
    headers: [
      ['Date', httpDate()],
      ['Connection', 'close'],
      ['Content-Type', HTML],
    ],
    body,
  }
}

export function traefik(status: number, words: string): Answer {
  return {
    status,
    headers: [
      ['Date', httpDate()],
      ['Content-Type', 'text/plain; charset=utf-8'],
    ],
    body: words,
  }
}

/** The 404s of Go's own file server and router. */
export function goNotFound(): Answer {
  const { headers } = traefik(404, '')
  return {
    status: 404,
    headers: [...headers, ['X-Content-Type-Options', 'nosniff']],
    body: '404 page not found\n',
  }
}

export function networkLogin(): Answer {
  const body =
    '<html><head><title>Network Authentication Required</title></head><body>Log in first.</body></html>\n'
  return {
    status: 511,
    reason: 'Network Authentication Required',
    headers: [['Content-Type', HTML]],
    body,
  }
}

/** Ollama's own refusal of a Host. Recorded. */
export function emptyRefusal(): Answer {
  return {
    status: 403,
    headers: [
      ['Date', httpDate()],
      ['Content-Length', '0'],
    ],
    body: '',
  }
}

export function toHttps({ headers, target }: Head): Answer {
  return nginxPage(301, '301 Moved Permanently', [
    ['Location', `https://${headers.host ?? 'home.example'}${target}`],
  ])
}

export function toElsewhere({ target }: Head): Answer {
  return nginxPage(308, '308 Permanent Redirect', [
    ['Location', `https://new-home.example${target}`],
  ])
}

export function ssoRedirect({ headers, target }: Head): Answer {
  const wanted = encodeURIComponent(`https://${headers.host ?? 'home.example'}${target}`)
  return nginxPage(302, '302 Found', [['Location', `https://login.example/?rd=${wanted}`]])
}
