/** Reverse proxies in front of the home: logins, redirects, their own errors, and other programs in place of Ollama. */
import { answer, late, turns, type Fault } from '../fault.ts'
import { html, jsonApi, llamaCpp, loginForm, openWebUi, welcomePage } from '../other-servers.ts'
import {
  apacheCannotResolve,
  apacheUnavailable,
  caddy,
  goNotFound,
  haproxyNoServer,
  networkLogin,
  nginxForbidden,
  nginxPage,
  nginxTlsPort,
  ssoRedirect,
  toHttps,
  toElsewhere,
  traefik,
} from '../pages.ts'

const passwordWanted = () =>
  nginxPage(401, '401 Authorization Required', [['WWW-Authenticate', 'Basic realm="Home lab"']])
const unavailable = () => nginxPage(503, '503 Service Temporarily Unavailable')
const badGateway = () => nginxPage(502, '502 Bad Gateway')

export const PROXY_FAULTS = {
  basic_auth: answer('A proxy requires a user name and a password.', passwordWanted),
  basic_auth_wrong: {
    ...answer('A proxy does not accept the password.', passwordWanted),
    settings: ({ url }) => ({ OLLAMA_URL: url, OLLAMA_AUTHORIZATION: 'Basic d3Jvbmc6d3Jvbmc=' }),
  },
  sso_redirect: answer('A login page on another host is in front of the home.', ({ head }) =>
    ssoRedirect(head),
  ),
  login_form: answer('A login form answers on every path, with status 200.', loginForm),
  redirect_elsewhere: answer('Every request is redirected to another address.', ({ head }) =>
    toElsewhere(head),
  ),
  https_redirect: answer(
    'The address is http, and the proxy redirects everything to https.',
    ({ head }) => toHttps(head),
  ),
  plain_to_tls_port: answer('Plain HTTP is sent to a port that expects TLS.', nginxTlsPort),
  proxy_denies: answer('A proxy refuses with its 403 page.', () => nginxPage(403, '403 Forbidden')),
  proxy_denies_api: answer(
    'A proxy passes on the front page and refuses everything under /api/.',
    () => nginxPage(403, '403 Forbidden'),
    'api',
  ),
  proxy_forbidden: answer(
    'A proxy refuses with an empty 403 that looks like Ollama’s.',
    nginxForbidden,
  ),
  proxy_rate_limit: answer('A proxy limits the rate: 429.', () =>
    nginxPage(429, '429 Too Many Requests'),
  ),
  proxy_limits_list: answer(
    'A proxy limits the rate with a 503, and the second request exceeds it.',
    unavailable,
    'list',
  ),
  proxy_hides_list: answer(
    'A proxy passes on single paths, but not the list of models.',
    () => nginxPage(404, '404 Not Found'),
    'list',
  ),
  proxy_timeout_at_once: answer(
    'A proxy answers 504 at once, as some do for a home that refuses.',
    () => nginxPage(504, '504 Gateway Time-out'),
  ),
  proxy_internal_error: answer('A small proxy answers 500 when the home behind it refuses.', () =>
    nginxPage(500, '500 Internal Server Error'),
  ),
  version_from_elsewhere: answer(
    'Another program answers the version request, and Ollama the list of models.',
    () => nginxPage(404, '404 Not Found'),
    'version',
  ),
  proxy_body_limit: answer(
    'A proxy refuses large bodies: 413.',
    () => nginxPage(413, '413 Request Entity Too Large'),
    'generation',
  ),
  network_login: answer('The network requires a login first: 511.', networkLogin),
  nginx_bad_gateway: answer('nginx runs but Ollama refuses the connection: 502.', badGateway),
  caddy_bad_gateway: answer('Caddy runs but Ollama refuses the connection: an empty 502.', () =>
    caddy(502),
  ),
  traefik_bad_gateway: answer(
    'Traefik, or Pangolin, runs but does not reach the home: 502 in two words.',
    () => traefik(502, 'Bad Gateway'),
  ),
  traefik_no_router: answer('Traefik has no route for this name.', () => goNotFound()),
  haproxy_no_server: answer('HAProxy has no server left: 503.', haproxyNoServer),
  apache_unavailable: answer('Apache cannot reach Ollama: 503.', ({ head }) =>
    apacheUnavailable(head),
  ),
  apache_cannot_resolve: answer(
    'Apache cannot resolve the name of the machine behind it: 500.',
    apacheCannotResolve,
  ),
  proxy_gateway_timeout: late('Ollama did not answer nginx in time: 504.', () =>
    nginxPage(504, '504 Gateway Time-out'),
  ),
  half_down: turns(
    'A proxy spreads requests over two servers, and one of them is down.',
    badGateway,
  ),
  empty_ok: answer('Caddy has no site with this name: an empty 200.', () => caddy(200)),
  welcome_page: answer('A web server shows its default welcome page.', welcomePage),
  other_website: answer('Another website answers at the address, on every path.', () =>
    html('Welcome to the family photos', 'Pictures of the summer.'),
  ),
  other_api: answer('Another program’s API answers: 404 in JSON.', () =>
    jsonApi(404, { detail: 'Not Found' }),
  ),
  other_api_login: answer(
    'Another program’s API requires a login: 401 in JSON, without a WWW-Authenticate header.',
    () => jsonApi(401, { message: 'Unauthorized' }),
  ),
  odd_status: answer('Something answers with an unexpected status.', () =>
    jsonApi(402, { detail: 'Payment Required' }),
  ),
  open_webui: answer('The address leads to Open WebUI instead of Ollama.', ({ path }) =>
    openWebUi(path),
  ),
  llama_cpp: answer('The address leads to a llama.cpp server instead of Ollama.', ({ path }) =>
    llamaCpp(path),
  ),
  list_is_a_page: answer(
    'The version is Ollama’s, and the list of models is a web page.',
    () => html('Models', 'A page about models.'),
    'list',
  ),
  list_without_end: answer(
    'The list of models is longer than any client would read.',
    () =>
      jsonApi(200, {
        models: Array.from({ length: 30_000 }, (_, index) => ({
          name: `model-${index}:latest`,
          digest: String(index).padStart(160, '0'),
        })),
      }),
    'list',
  ),
  cache: {
    title: 'A cache answers what can be cached, although the request asks for a fresh answer.',
    kind: 'cache',
    isDown: false,
  },
  cache_hides_down: {
    title: 'A cache still answers, but the home behind it is down.',
    kind: 'cache',
    isDown: true,
  },
  proxy_loses_generation: answer(
    'A proxy passes on every request except generations, which it answers itself: 502.',
    badGateway,
    'generation',
  ),
  gateway_cannot_reach: answer(
    'A gateway passes on the list and reports in JSON that it cannot reach Ollama for generations.',
    () => jsonApi(500, { error: 'connect ECONNREFUSED 127.0.0.1:11434' }),
    'generation',
  ),
  gateway_refuses_generation: answer(
    'A gateway passes on the list and requires, in JSON, a key for generations.',
    () => jsonApi(401, { error: 'invalid api key' }),
    'generation',
  ),
} as const satisfies Record<string, Fault>
