/** Everything that can be wrong between a client and a home, one row each. */
import { accessForbidden, accessLogin, challenge, edgeAnswer } from './cloudflare.ts'
import type { EdgeCode, Form } from './cloudflare.ts'
import type { Exchange } from './connection.ts'
import { html, llamaCpp, openWebUi } from './other-servers.ts'
import {
  apacheUnavailable,
  caddy,
  frpNotFound,
  haproxyNoServer,
  localtunnelOffline,
  nginxForbidden,
  nginxPage,
  nginxTlsPort,
  ngrok,
  ssoRedirect,
  toHttps,
  zrokOffline,
} from './pages.ts'
import type { Answer } from './reply.ts'
import type { StreamFault } from './stream-faults.ts'
import type { WorldChange } from './world.ts'

/** Which requests an answer stands in for: all of them, or only those that generate. */
export type Scope = 'everything' | 'generation'
export type SocketFault = 'refuses' | 'resets' | 'hangs' | 'closes' | 'babbles' | 'blinks'

export type Behaviour =
  | { kind: 'answer'; scope: Scope; afterMs: number; answer: (exchange: Exchange) => Answer }
  | { kind: 'socket'; socket: SocketFault }
  | { kind: 'ollama'; change: WorldChange }
  | { kind: 'slow'; afterMs: number }
  | { kind: 'split' }

export type Fault = { title: string } & Behaviour

const SLOW_MS = 3000
const COLD_LOAD_MS = 300

const answer = (title: string, make: (exchange: Exchange) => Answer) =>
  ({ title, kind: 'answer', scope: 'everything', afterMs: 0, answer: make }) as const
const edge = (title: string, code: EdgeCode, form: Form = 'asked') =>
  answer(title, ({ head }) => edgeAnswer(code, head, form))
const page = (title: string, make: () => Answer) => answer(title, make)
const socket = (title: string, kind: SocketFault) => ({ title, kind: 'socket', socket: kind }) as const
const ollama = (title: string, change: WorldChange) => ({ title, kind: 'ollama', change }) as const
const broken = (title: string, status: number, error: string) => ollama(title, { refusal: { status, error } })
const stream = (title: string, streamFault: StreamFault) => ollama(title, { streamFault })

export const FAULTS = {
  cloudflared_offline: edge('cloudflared is not connected, so Cloudflare answers 530 with error 1033.', 1033),
  cloudflared_offline_text: edge(
    'cloudflared is not connected, and the edge says so in one line of text.',
    1033,
    'text',
  ),
  cloudflared_offline_html: edge(
    'cloudflared is not connected, and the edge says so in HTML whatever was asked for.',
    1033,
    'html',
  ),
  edge_name_unknown: edge('The name does not resolve for Cloudflare: 530 with error 1016.', 1016),
  edge_origin_refused: edge('cloudflared runs but Ollama refuses the connection: a 502 by Cloudflare.', 502),
  edge_timeout: edge('Cloudflare has waited for the home in vain: 524.', 524),
  edge_tls_untrusted: edge('Cloudflare does not trust the certificate of the home: 526.', 526),
  edge_tls_handshake: edge('Cloudflare and the home could not agree on TLS: 525.', 525),
  edge_ip_literal: edge('The address is an IP, which Cloudflare refuses with error 1003.', 1003),
  edge_agent_banned: edge('Cloudflare bans the user agent with error 1010.', 1010),
  edge_rate_limited: edge('Cloudflare limits the rate with error 1015.', 1015),
  edge_rule_blocked: edge('A firewall rule of the zone blocks the request with error 1020.', 1020),
  edge_challenge: page('Cloudflare wants a browser to solve a challenge.', challenge),
  ngrok_offline: page('The ngrok agent is offline.', () => ngrok(404, 'ERR_NGROK_3200', 'The endpoint is offline.')),
  ngrok_origin_refused: page('The ngrok agent runs but Ollama refuses the connection.', () =>
    ngrok(502, 'ERR_NGROK_8012', 'Traffic reached the agent, but the agent could not connect to the upstream service.'),
  ),
  ngrok_interstitial: page('ngrok shows its warning page instead of passing the request on.', () =>
    ngrok(200, 'ERR_NGROK_6024', 'You are about to visit a site that is served for free.'),
  ),
  localtunnel_offline: page('No localtunnel client is connected under this name.', localtunnelOffline),
  frp_not_found: page('frp knows no way to the home: client offline, name unknown or Ollama down.', frpNotFound),
  zrok_offline: answer('No zrok share is running under this name.', ({ head }) => zrokOffline(head)),
  access_login: answer('Cloudflare Access sends the visitor to its login page.', ({ head }) => accessLogin(head)),
  access_forbidden: answer('Cloudflare Access knows the visitor and does not let it in.', ({ head }) =>
    accessForbidden(head),
  ),
  basic_auth: page('A proxy wants a user name and a password.', () =>
    nginxPage(401, '401 Authorization Required', [['WWW-Authenticate', 'Basic realm="Home lab"']]),
  ),
  sso_redirect: answer('A login page on another host stands before the home.', ({ head }) => ssoRedirect(head)),
  nginx_bad_gateway: page('nginx runs but Ollama refuses the connection: 502.', () =>
    nginxPage(502, '502 Bad Gateway'),
  ),
  caddy_bad_gateway: page('Caddy runs but Ollama refuses the connection: an empty 502.', () => caddy(502)),
  haproxy_no_server: page('HAProxy has no server left to ask: 503.', haproxyNoServer),
  apache_unavailable: answer('Apache cannot reach Ollama: 503.', ({ head }) => apacheUnavailable(head)),
  proxy_gateway_timeout: page('nginx has waited for Ollama in vain: 504.', () =>
    nginxPage(504, '504 Gateway Time-out'),
  ),
  proxy_forbidden: page('A proxy refuses with an empty 403 that looks like Ollama’s.', nginxForbidden),
  https_redirect: answer('The address says http, and the proxy sends everything to https.', ({ head }) =>
    toHttps(head),
  ),
  plain_to_tls_port: page('Plain HTTP is spoken to a port that expects TLS.', nginxTlsPort),
  other_website: page('Another website answers under the address, on every path.', () =>
    html('Welcome to the family photos', 'Pictures of the summer.'),
  ),
  open_webui: answer('The address leads to Open WebUI instead of Ollama.', ({ path }) => openWebUi(path)),
  llama_cpp: answer('The address leads to a llama.cpp server instead of Ollama.', ({ path }) => llamaCpp(path)),
  empty_ok: page('Caddy knows no site of this name: 200 with nothing in it.', () => caddy(200)),

  refused: socket('Nothing listens on the port.', 'refuses'),
  reset: socket('The connection is reset once the request has arrived.', 'resets'),
  hang: socket('The connection opens and nothing ever answers.', 'hangs'),
  closed_at_once: socket('The connection opens and is closed before any request.', 'closes'),
  not_http: socket('What listens on the port does not speak HTTP.', 'babbles'),
  blinks: socket('Healthy, but each kept connection is closed as its second request arrives.', 'blinks'),

  host_check: ollama('Ollama refuses the Host of every request with an empty 403.', { refusesEveryHost: true }),
  no_models: ollama('Ollama runs and no model is installed.', { models: [] }),
  model_removed: ollama('llama3.2:latest is still listed, but asking for it answers 404.', {
    unusable: 'llama3.2:latest',
  }),
  old_version: ollama('Ollama is 0.1.20, older than most of its API.', { version: '0.1.20' }),
  ollama_error: ollama('Ollama cannot read its own list of models: 500.', {
    tagsError: 'open /home/you/.ollama/models/manifests: permission denied',
  }),
  queue_full: broken(
    'The queue of Ollama is full: 503.',
    503,
    'server busy, please try again.  maximum pending requests exceeded',
  ),
  load_failed: broken(
    'The model cannot be loaded, its runner dies.',
    500,
    'llama runner process has terminated: exit status 2',
  ),
  out_of_memory: broken(
    'The model needs more memory than there is.',
    500,
    'model requires more system memory (11.4 GiB) than is available (6.2 GiB)',
  ),
  generation_hangs: ollama('Ollama answers everything except generations, which hang.', { silent: true }),
  split_home: { title: 'Two different Ollamas answer in turn under one address.', kind: 'split' },
  slow: { title: 'Every answer comes three seconds late.', kind: 'slow', afterMs: SLOW_MS },

  stream_cut: stream('The answer is cut in the middle: the connection ends without the last chunk.', 'cut'),
  stream_reset: stream('The connection is reset in the middle of the answer.', 'reset'),
  stream_ends_early: stream('The answer ends cleanly in the middle, without its done line.', 'ends_early'),
  stream_error_line: stream('The runner dies in the middle of the answer, and an error line says so.', 'error_line'),
  stream_stalls: stream('The answer stops in the middle and the connection stays open.', 'stalls'),
  stream_html: {
    ...page('Generations are answered with a web page and status 200.', () =>
      html('One moment', 'This page is not an answer.'),
    ),
    scope: 'generation',
  },
  stream_garbage_line: stream('One line in the middle of the answer is not JSON.', 'garbage_line'),
  stream_split_bytes: stream('Healthy, but every byte of the answer is a chunk of its own.', 'split_bytes'),
  cold_load_524: {
    ...edge('The model loads longer than Cloudflare waits: generations answer 524.', 524, 'json'),
    scope: 'generation',
    afterMs: COLD_LOAD_MS,
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[]

export function isFaultName(name: unknown): name is FaultName {
  return typeof name === 'string' && Object.hasOwn(FAULTS, name)
}
