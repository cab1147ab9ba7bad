/** Faults at Cloudflare's edge, and at the providers of other tunnels. */
import { accessForbidden, accessLogin, bare530, challenge, passedOn } from '../cloudflare.ts'
import { answer, edge, type Fault } from '../fault.ts'
import {
  frpNotFound,
  localtunnelOffline,
  localtunnelUnavailable,
  ngrok,
  pinggyScreen,
  zrokOffline,
  zrokUnreachable,
} from '../tunnel-pages.ts'

export const EDGE_FAULTS = {
  cloudflared_offline: edge(
    'cloudflared is not connected, so Cloudflare answers 530 with error 1033.',
    1033,
  ),
  cloudflared_offline_text: edge(
    'cloudflared is not connected, and the edge reports it in one line of text.',
    1033,
    'text',
  ),
  cloudflared_offline_html: edge(
    'cloudflared is not connected, and the edge reports it in HTML whatever the request accepts.',
    1033,
    'html',
  ),
  edge_530: answer('Cloudflare answers 530 without any code.', bare530),
  edge_name_unknown: edge('Cloudflare cannot resolve the name: 530 with error 1016.', 1016),
  edge_origin_refused: edge(
    'cloudflared runs but Ollama refuses the connection: a 502 from Cloudflare.',
    502,
  ),
  edge_origin_refused_html: edge('The same 502 from Cloudflare as a page.', 502, 'html'),
  edge_gateway_timeout: edge('The origin behind Cloudflare did not answer in time: 504.', 504),
  edge_fault: edge('Cloudflare itself has failed: 500.', 500),
  edge_odd_answer: edge('The origin sends nothing, or nonsense: 520.', 520),
  edge_refused: edge('The origin refuses Cloudflare: 521.', 521),
  edge_connect_timeout: edge('Cloudflare cannot connect to the origin in time: 522.', 522),
  edge_unreachable: edge('Cloudflare finds no route to the origin: 523.', 523),
  edge_timeout: edge('The home did not answer Cloudflare in time: 524.', 524),
  edge_tls_handshake: edge('Cloudflare and the home could not agree on TLS: 525.', 525),
  edge_tls_untrusted: edge('Cloudflare does not trust the certificate of the home: 526.', 526),
  edge_ip_literal: edge('The address is an IP, which Cloudflare refuses with error 1003.', 1003),
  edge_forbidden_address: edge(
    'The record points at an address that is not allowed: error 1000.',
    1000,
  ),
  edge_other_account: edge('The record points at a tunnel of another account: error 1014.', 1014),
  edge_agent_banned: edge('Cloudflare bans the user agent with error 1010.', 1010),
  edge_rate_limited: edge('Cloudflare limits the rate with error 1015.', 1015),
  edge_rule_blocked: edge('A firewall rule of the zone blocks the request with error 1020.', 1020),
  edge_rule_blocked_html: edge('The same block as a page.', 1020, 'html'),
  edge_challenge: answer('Cloudflare requires a browser to solve a challenge.', challenge),
  ingress_no_rule: answer('cloudflared has no rule for this name: an empty 404.', () =>
    passedOn(404),
  ),
  ingress_none: answer('cloudflared has no rules at all: an empty 503.', () => passedOn(503)),
  ngrok_offline: answer('The ngrok agent is offline.', () =>
    ngrok(404, 'ERR_NGROK_3200', 'The endpoint is offline.'),
  ),
  ngrok_link_lost: answer('The connection between ngrok and its agent is lost.', () =>
    ngrok(502, 'ERR_NGROK_3210', 'The connection to the agent was lost.'),
  ),
  ngrok_origin_refused: answer('The ngrok agent runs but Ollama refuses the connection.', () =>
    ngrok(
      502,
      'ERR_NGROK_8012',
      'Traffic reached the agent, but the agent could not connect to the upstream service.',
    ),
  ),
  ngrok_origin_not_http: answer('The program behind the ngrok agent does not speak HTTP.', () =>
    ngrok(502, 'ERR_NGROK_3004', 'The server returned an invalid or incomplete HTTP response.'),
  ),
  ngrok_limit: answer('The monthly requests at ngrok are used up.', () =>
    ngrok(429, 'ERR_NGROK_727', 'The account has used up its HTTP requests.'),
  ),
  ngrok_policy: answer('An IP policy at ngrok refuses the request.', () =>
    ngrok(403, 'ERR_NGROK_3205', 'The address is not allowed.'),
  ),
  ngrok_unknown_code: answer('ngrok refuses with an undocumented code.', () =>
    ngrok(400, 'ERR_NGROK_9999', 'Something new.'),
  ),
  ngrok_interstitial: answer(
    'ngrok shows its warning page instead of passing the request on.',
    () => ngrok(200, 'ERR_NGROK_6024', 'You are about to visit a site that is served for free.'),
  ),
  pinggy_screen: answer('Pinggy shows its screen instead of passing the request on.', pinggyScreen),
  localtunnel_offline: answer(
    'No localtunnel client is connected under this name.',
    localtunnelOffline,
  ),
  localtunnel_unavailable: answer(
    'The public localtunnel server has no tunnel with this name.',
    localtunnelUnavailable,
  ),
  frp_not_found: answer(
    'frp cannot reach the home: client offline, name unknown or Ollama down.',
    frpNotFound,
  ),
  zrok_offline: answer('No zrok share is running under this name.', ({ head }) =>
    zrokOffline(head),
  ),
  zrok_unreachable: answer('zrok knows the share but cannot reach it.', zrokUnreachable),
  access_login: answer('Cloudflare Access sends the visitor to its login page.', ({ head }) =>
    accessLogin(head),
  ),
  access_token_rejected: {
    ...answer('Cloudflare Access does not accept the service token.', ({ head }) =>
      accessLogin(head),
    ),
    settings: ({ url }) => ({
      OLLAMA_URL: url,
      CF_ACCESS_CLIENT_ID: 'id.access',
      CF_ACCESS_CLIENT_SECRET: 'old',
    }),
  },
  access_forbidden: answer('Cloudflare Access knows the visitor and denies access.', ({ head }) =>
    accessForbidden(head),
  ),
} as const satisfies Record<string, Fault>
