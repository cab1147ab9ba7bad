/** The answers of tunnels in place of a home, byte for byte where recorded. */
import { httpDate } from './durations.ts'
import type { Head } from './incoming.ts'
import type { Answer } from './reply.ts'

const HTML = 'text/html; charset=utf-8'

export function pinggyScreen(): Answer {
  const body =
    '<!doctype html><title>Caution</title><p>Send the header X-Pinggy-No-Screen to skip this page.</p>\n'
  return {
    status: 200,
    headers: [
      ['Date', httpDate()],
      ['Content-Type', HTML],
    ],
    body,
  }
}

export function localtunnelUnavailable(): Answer {
  const body = '503 - Tunnel Unavailable\n'
  return {
    status: 503,
    headers: [
      ['Date', httpDate()],
      ['Content-Type', HTML],
    ],
    body,
  }
}

export function zrokUnreachable(): Answer {
  const body =
    '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>zrok - bad gateway!</title></head>\n<body><h1>502</h1></body>\n</html>\n'
  return {
    status: 502,
    headers: [
      ['Date', httpDate()],
      ['Content-Type', HTML],
    ],
    body,
  }
}

export function ngrok(status: number, code: string, sentence: string): Answer {
  const body = `<!DOCTYPE html>
<html class="h-full" lang="en-US" dir="ltr">
<head><meta charset="utf-8"><meta name="author" content="ngrok"><title>ngrok</title></head>
<body><noscript>${sentence} (${code})</noscript><div id="root" data-payload=""></div></body>
</html>
`
  return {
    status,
    headers: [
      ['Content-Type', 'text/html'],
      ['Ngrok-Error-Code', code],
      ['Date', httpDate()],
    ],
    body,
  }
}

export function localtunnelOffline(): Answer {
  return {
    status: 404,
    headers: [
      ['Date', httpDate()],
      ['Connection', 'keep-alive'],
      ['Keep-Alive', 'timeout=5'],
      ['Content-Length', '3'],
    ],
    body: '404',
  }
}

export function frpNotFound(): Answer {
  const body = `<!DOCTYPE html>
<html>
<head>
<title>Not Found</title>
<style>
    body {
        width: 35em;
        margin: 0 auto;
        font-family: Tahoma, Verdana, Arial, sans-serif;
    }
</style>
</head>
<body>
<h1>The page you requested was not found.</h1>
<p>Sorry, the page you are looking for is currently unavailable.<br/>
Please try again later.</p>
<p>The server is powered by <a href="https://github.com/fatedier/frp">frp</a>.</p>
<p><em>Faithfully yours, frp.</em></p>
</body>
</html>
`
  return {
    status: 404,
    headers: [
      ['Date', httpDate()],
      ['Content-Length', String(body.length)],
      ['Content-Type', HTML],
    ],
    body,
  }
}

export function zrokOffline({ headers }: Head): Answer {
  const token = (headers.host ?? 'home').split(/[.:]/)[0] ?? 'home'
  const body = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>zrok - '${token}' not found!</title></head>
<body><h1>404: share <code>${token}</code> not found!</h1><p>are you running zrok2 share for this name?</p></body>
</html>
`
  return {
    status: 404,
    headers: [
      ['Content-Type', HTML],
      ['Date', httpDate()],
    ],
    body,
  }
}
