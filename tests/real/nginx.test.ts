import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from 'vitest'
import { startHome, type Home } from '../../simulator/home.ts'
import { makeCertificates, type Certificates } from '../support/real/certificates.ts'
import { startNginx } from '../support/real/nginx.ts'
import {
  expectVerdict,
  porchlight,
  type Porchlight,
  type Truth,
} from '../support/real/porchlight.ts'
import { forThisTest, freePort, need } from '../support/real/programs.ts'

interface Case extends Truth {
  title: string
  /** What stands in the `server` block; `$home` is the home's address. */
  server: string
  http?: string
  files?: Record<string, string>
  tls?: boolean
  fault?: Parameters<Home['setFault']>[0]
}

const PASS = 'location / { proxy_pass $home; }'

const CASES: readonly Case[] = [
  { title: 'a home behind nginx answers', server: PASS, cause: ['ok'] },
  {
    title:
      'a stopped Ollama behind nginx may also be a dead line between the two, and both are named',
    server: PASS,
    fault: 'refused',
    cause: ['ollama_down', 'tunnel_down'],
    named: ['ollama_down', 'tunnel_down'],
  },
  {
    title: 'an Ollama that hangs until nginx times out is reported as silent or down',
    server: 'location / { proxy_pass $home; proxy_read_timeout 1s; }',
    fault: 'hang',
    cause: ['ollama_down', 'timed_out', 'generation_stuck', 'tunnel_down'],
  },
  {
    title: '`deny all` in nginx is reported as blocked access',
    server: `${PASS} deny all;`,
    cause: ['access_blocked'],
  },
  {
    title: 'an empty 403 of nginx itself is not Ollama’s refusal of a host',
    server: 'location / { return 403 ""; }',
    cause: ['access_blocked'],
  },
  {
    title: 'basic authentication in nginx is reported as blocked access',
    server: `${PASS} auth_basic "home"; auth_basic_user_file users;`,
    files: { users: 'me:{PLAIN}secret\n' },
    cause: ['access_blocked'],
  },
  {
    title: 'plain http to a TLS port is reported as a TLS failure',
    server: `${PASS} ssl_certificate good.crt; ssl_certificate_key good.key;`,
    tls: true,
    cause: ['tls_failure', 'tunnel_misrouted', 'connection_failed'],
  },
  {
    title: 'the 404 of the nginx default server is not Ollama',
    server: 'root .;',
    cause: ['tunnel_misrouted', 'not_ollama'],
  },
  {
    title: 'a redirect to https is reported as a wrong address',
    server: 'return 301 https://$host$request_uri;',
    cause: ['tunnel_misrouted', 'not_configured'],
  },
  {
    title: 'limit_req with status 429 is reported as blocked access',
    server: 'location / { limit_req zone=few; limit_req_status 429; proxy_pass $home; }',
    http: 'limit_req_zone $binary_remote_addr zone=few:1m rate=1r/m;',
    cause: ['access_blocked'],
  },
  {
    title: 'limit_req is among the causes of a 503 from nginx',
    server: 'location / { limit_req zone=few; proxy_pass $home; }',
    http: 'limit_req_zone $binary_remote_addr zone=few:1m rate=1r/m;',
    cause: ['access_blocked', 'ollama_down', 'tunnel_down', 'tunnel_misrouted'],
    named: ['access_blocked'],
  },
  {
    title: 'a host name that nginx forwards and Ollama refuses is named',
    server: 'location / { proxy_pass $home; proxy_set_header Host $http_host; }',
    fault: 'host_check',
    cause: ['host_rejected'],
  },
]

describe('nginx in front of a home', () => {
  let home: Home
  let port: number
  let light: Porchlight
  let papers: Certificates | undefined

  beforeAll(async () => {
    home = await startHome()
    port = await freePort()
    light = await porchlight({ OLLAMA_URL: `http://127.0.0.1:${port}` })
  })
  afterAll(async () => {
    await light.stop()
    await home.stop()
    papers?.remove()
  })
  beforeEach((context) => {
    need(context, 'nginx', 'openssl')
    papers ??= makeCertificates()
  })
  afterEach(() => home.reset())

  const serverOf = ({ server, tls }: Case) =>
    `server { listen 127.0.0.1:${port} ${tls ? 'ssl' : ''}; ${server.replace('$home', home.url)} }`

  test.each(CASES)('$title', async (one) => {
    const files = { ...one.files, ...(one.tls ? papers?.files : {}) }
    forThisTest(
      await startNginx(port, {
        servers: serverOf(one),
        files,
        ...(one.http ? { http: one.http } : {}),
      }),
    )
    await home.setFault(one.fault ?? null)
    expectVerdict(await light.check(), one)
  })

  test('a stopped nginx is reported as a refused connection', async () => {
    expectVerdict(await light.check(), { cause: ['connection_failed'] })
  })
})
