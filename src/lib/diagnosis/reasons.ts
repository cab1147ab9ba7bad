import type { Cause } from './causes.ts'
import type { Rung } from './rungs.ts'

/** One thing to do, with at most one command to copy. `{…}` is filled from the facts of the check (facts.ts). */
export interface Step {
  text: string
  command?: string
}

export interface Reason {
  cause: Cause
  rung: Rung
  /** What is wrong, for a phone. `{…}` is filled from the facts of the check. */
  summary: string
  fix: readonly Step[]
  /** Other causes that look the same from here, likeliest first. With any, confidence is low. */
  or?: readonly Cause[]
  /** Whether asking again without doing anything may help. */
  retry?: boolean
}

const SET_URL: Step = { text: 'Set the address of your tunnel.', command: '{setUrl}' }
const OPEN_TUNNEL: Step = {
  text: 'At home, open a tunnel. It prints an address that ends in .trycloudflare.com.',
  command: 'cloudflared tunnel --url http://localhost:11434 --http-host-header localhost:11434',
}
const START_OLLAMA: Step = { text: 'On the home machine, see that Ollama runs.', command: 'ollama serve' }
const START_TUNNEL: Step = { text: 'On the home machine, start the tunnel again.', command: '{start}' }
const WAKE: Step = { text: 'Wake the computer at home and see that it is online.' }
const ASK_AT_HOME: Step = {
  text: 'On the home machine, ask Ollama itself.',
  command: 'curl http://localhost:11434/api/version',
}

/** Every fine-grained reason this product can name. A new one is a row here and a fault in the simulator. */
export const REASONS = {
  all_lit: { cause: 'ok', rung: 'model', summary: 'Everything answers.', fix: [] },
  model_cold: {
    cause: 'ok',
    rung: 'model',
    summary: 'Everything answers. {model} is not loaded yet, so the first word takes longer.',
    fix: [],
  },

  slow: {
    cause: 'ok',
    rung: 'ollama',
    summary: 'Everything answers, but slowly: {seconds} s for a question that takes no work.',
    fix: [{ text: 'On the home machine, see what keeps it busy.', command: 'ollama ps' }],
  },
  url_missing: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL is not set.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  url_quoted: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL has quotation marks around it. Leave them out.',
    fix: [SET_URL],
  },
  url_without_scheme: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL has no https:// or http:// in front.',
    fix: [SET_URL],
  },
  url_unknown_scheme: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL must start with https:// or http://.',
    fix: [SET_URL],
  },
  url_with_credentials: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL has a user name or password in it. Keep those in OLLAMA_AUTHORIZATION.',
    fix: [SET_URL, { text: 'Set the password apart from the address.', command: '{setAuthorization}' }],
  },
  url_with_path: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL has a path behind the host, such as /v1. Leave it out.',
    fix: [SET_URL],
  },
  url_malformed: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL is not an address that can be read.',
    fix: [SET_URL],
  },
  owner_key_missing: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OWNER_KEY_HASH is not set, so nobody owns this deployment yet.',
    fix: [{ text: 'Set the SHA-256 of an owner key as a secret.', command: 'npx wrangler secret put OWNER_KEY_HASH' }],
  },
  checker_failed: {
    cause: 'observer_blind',
    rung: 'config',
    summary: 'Our own checker did not answer. This says nothing about your home.',
    fix: [{ text: 'Ask again in a minute.' }],
    retry: true,
  },
  plain_http_deployed: {
    cause: 'not_configured',
    rung: 'config',
    summary: 'OLLAMA_URL starts with http://. From the internet the connection must be encrypted: write https://.',
    fix: [SET_URL],
  },

  loopback_from_edge: {
    cause: 'address_unreachable',
    rung: 'config',
    summary: '{host} means the machine that asks. From the internet it leads nowhere near your home.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  private_from_edge: {
    cause: 'address_unreachable',
    rung: 'config',
    summary: '{host} only exists in your home network, so the internet cannot reach it.',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  home_name_from_edge: {
    cause: 'address_unreachable',
    rung: 'config',
    summary: 'The name {host} is only known at home (in the local network, or between containers).',
    fix: [OPEN_TUNNEL, SET_URL],
  },
  address_literal_refused: {
    cause: 'address_unreachable',
    rung: 'config',
    summary: 'Cloudflare does not let a Worker ask a bare IP address.',
    fix: [
      {
        text: 'Give the address a name (an A record without proxy), or open a tunnel.',
        command: OPEN_TUNNEL.command ?? '',
      },
      SET_URL,
    ],
  },

  name_not_found: {
    cause: 'dns_failure',
    rung: 'dns',
    summary: 'The name {host} does not exist. Quick tunnels get a new name at every start.',
    fix: [START_TUNNEL, { text: 'If it printed a new address, set it here.', command: '{setUrl}' }],
  },
  docker_name: {
    cause: 'dns_failure',
    rung: 'dns',
    summary:
      'The name {host} does not resolve on this machine. A Docker service name only exists between containers of its own network.',
    fix: [
      {
        text: 'Publish the port of the container, then use the address of this machine.',
        command: 'OLLAMA_URL=http://127.0.0.1:11434 npm start',
      },
    ],
  },
  name_server_failed: {
    cause: 'dns_failure',
    rung: 'dns',
    summary: 'The name servers of {host} do not answer properly.',
    fix: [{ text: 'Look at the name servers and DNSSEC settings of the domain.', command: 'dig {host} +dnssec' }],
    retry: true,
  },
  name_without_address: {
    cause: 'dns_failure',
    rung: 'dns',
    summary: 'The name {host} exists, but has no address.',
    fix: [{ text: 'Add an A, AAAA or CNAME record for it.', command: 'dig {host}' }],
  },
  name_probably_not_found: {
    cause: 'dns_failure',
    rung: 'dns',
    summary: 'No connection came about, most likely because the name {host} does not resolve.',
    fix: [{ text: 'Ask for the name yourself.', command: 'nslookup {host}' }, START_TUNNEL],
    or: ['connection_failed', 'observer_blind'],
    retry: true,
  },

  refused: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'Nothing listens at {host}:{port}. The program that should answer there is not running.',
    fix: [START_OLLAMA, START_TUNNEL],
    or: ['tunnel_down', 'ollama_down'],
    retry: true,
  },
  nothing_listens_here: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'Nothing listens at {host}:{port}. Ollama is not running, or runs on another port.',
    fix: [START_OLLAMA],
    or: ['ollama_down'],
    retry: true,
  },
  not_reachable: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'The name resolves, but no connection to {host}:{port} came about.',
    fix: [WAKE, START_TUNNEL],
    or: ['tunnel_down', 'timed_out'],
    retry: true,
  },
  connection_dropped: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'The connection opens, then ends without an answer.',
    fix: [ASK_AT_HOME, START_TUNNEL, { text: 'If the other side wants encryption, write https:// in OLLAMA_URL.' }],
    or: ['ollama_down', 'tunnel_down', 'tls_failure', 'not_ollama'],
    retry: true,
  },
  far_end_refuses: {
    cause: 'ollama_down',
    rung: 'ollama',
    summary: 'The tunnel accepts the connection and closes it at once: nothing listens at its far end.',
    fix: [START_OLLAMA, START_TUNNEL],
    or: ['tunnel_down', 'connection_failed'],
    retry: true,
  },
  not_http: {
    cause: 'not_ollama',
    rung: 'ollama',
    summary: 'Something answers at {host}:{port}, but it does not speak HTTP.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434.', command: '{start}' }],
    or: ['tunnel_misrouted', 'connection_failed'],
  },
  edge_no_connection: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'The name resolves, but Cloudflare could not connect to what it names (error {code}).',
    fix: [WAKE, START_TUNNEL],
    or: ['tunnel_down', 'timed_out'],
    retry: true,
  },
  edge_odd_answer: {
    cause: 'connection_failed',
    rung: 'connect',
    summary: 'Cloudflare got an empty or broken answer from what stands behind the name (error 520).',
    fix: [ASK_AT_HOME, START_TUNNEL],
    or: ['ollama_down', 'tunnel_down', 'not_ollama'],
    retry: true,
  },

  certificate_rejected: {
    cause: 'tls_failure',
    rung: 'connect',
    summary: 'The certificate of {host} is not trusted: self-made, expired or for another name.',
    fix: [{ text: 'Look at the certificate.', command: 'curl -vI {url}' }],
  },
  tls_handshake: {
    cause: 'tls_failure',
    rung: 'connect',
    summary:
      'The connection opens, but no encrypted line comes about: the certificate is not trusted, or the other side does not speak TLS.',
    fix: [{ text: 'Look at the handshake.', command: 'curl -vI {url}' }, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted'],
  },
  plain_to_tls: {
    cause: 'tls_failure',
    rung: 'connect',
    summary: 'The other side wants encryption, but OLLAMA_URL starts with http://.',
    fix: [{ text: 'Write https:// in front of the address.', command: '{setUrl}' }],
    or: ['tunnel_misrouted'],
  },

  cloudflared_not_connected: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary:
      'Cloudflare knows the tunnel, but nothing at home is connected to it. The computer is asleep, offline, or cloudflared has stopped.',
    fix: [WAKE, { text: 'Start cloudflared on the home machine.', command: 'sudo systemctl restart cloudflared' }],
    retry: true,
  },
  edge_name_or_tunnel: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary: 'Cloudflare cannot reach what the name stands for (530, without a code).',
    fix: [WAKE, START_TUNNEL],
    or: ['dns_failure'],
    retry: true,
  },
  ngrok_offline: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary: 'ngrok knows the name, but no agent at home is connected to it.',
    fix: [
      WAKE,
      { text: 'Start the agent again.', command: 'ngrok http 11434 --host-header=localhost:11434 --url {url}' },
    ],
    retry: true,
  },
  localtunnel_offline: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary: 'The localtunnel server knows no client of this name.',
    fix: [WAKE, { text: 'Start the tunnel again.', command: 'npx localtunnel --port 11434' }],
    or: ['tunnel_misrouted'],
    retry: true,
  },
  zrok_offline: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary: 'zrok knows the share, but nothing at home serves it.',
    fix: [WAKE, { text: 'Share it again.', command: 'zrok share public http://localhost:11434' }],
    retry: true,
  },
  frp_not_found: {
    cause: 'tunnel_down',
    rung: 'tunnel',
    summary:
      'frp answers with its own page: frpc is not connected, Ollama is down, or the name is not set up. These look the same.',
    fix: [{ text: 'On the home machine, look at frpc.', command: 'systemctl status frpc' }, ASK_AT_HOME],
    or: ['ollama_down', 'tunnel_misrouted'],
    retry: true,
  },
  no_route_for_name: {
    cause: 'tunnel_misrouted',
    rung: 'tunnel',
    summary: 'The tunnel is up, but has no rule for {host}.',
    fix: [
      {
        text: 'Add the host name to the ingress rules, above the catch-all.',
        command: 'cloudflared tunnel ingress validate',
      },
    ],
  },
  wants_https: {
    cause: 'tunnel_misrouted',
    rung: 'tunnel',
    summary: 'The address sends every request on to https. Write https:// in OLLAMA_URL.',
    fix: [SET_URL],
  },
  edge_forbidden_target: {
    cause: 'tunnel_misrouted',
    rung: 'tunnel',
    summary: 'Cloudflare refuses to lead {host} to where its record points (error {code}).',
    fix: [{ text: 'Mend the DNS record of the name in the account that owns the tunnel.' }],
  },

  access_login: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'A login page stands in the way: Cloudflare Access.',
    fix: [
      {
        text: 'Make a service token, allow it with a Service Auth policy, and set both halves.',
        command: 'npx wrangler secret put CF_ACCESS_CLIENT_ID',
      },
    ],
  },
  access_forbidden: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'Cloudflare Access knows the token, but no policy lets it in.',
    fix: [{ text: 'Add the service token to a Service Auth policy of this application.' }],
  },
  challenge: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'Cloudflare wants a browser to prove itself (a challenge). No program gets past it.',
    fix: [{ text: 'Add a WAF rule that skips the challenge for this host name.' }],
  },
  password_wanted: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'The address wants a user name and a password, and got none that it accepts.',
    fix: [{ text: 'Set what it wants.', command: '{setAuthorization}' }],
  },
  login_redirect: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'Every request is sent on to a login page at another address.',
    fix: [
      {
        text: 'Let requests to /api/ through without the login, or set a token for them.',
        command: '{setAuthorization}',
      },
    ],
    or: ['tunnel_misrouted', 'not_ollama'],
  },
  rule_blocked: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'A rule in front of your home refuses the request (HTTP {status}).',
    fix: [{ text: 'Look at the rules of the proxy or firewall that answers for {host}.' }],
  },
  empty_refusal: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'A proxy in front of your home refuses the request with an empty 403. It is not Ollama’s own refusal.',
    fix: [{ text: 'Look at the allow rules of the proxy that answers for {host}.' }],
    or: ['host_rejected'],
  },
  rate_limited: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'Too many requests: the address refuses more for now.',
    fix: [{ text: 'Wait a minute, then check again.' }],
    retry: true,
  },
  interstitial: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'The tunnel shows a warning page for browsers instead of your home.',
    fix: [
      { text: 'Upgrade or restart the tunnel so that it honours the header that skips the page.', command: '{start}' },
    ],
  },
  provider_refuses: {
    cause: 'access_blocked',
    rung: 'access',
    summary: 'The tunnel’s provider refuses the request ({code}).',
    fix: [{ text: 'Look this code up at the provider; plan limits and policies end there.' }],
    or: ['tunnel_down'],
  },

  host_check: {
    cause: 'host_rejected',
    rung: 'ollama',
    summary: 'Ollama refuses the host name {host}. One flag on the tunnel fixes it.',
    fix: [{ text: 'Let the tunnel send a host name that Ollama accepts.', command: '{acceptHost}' }],
  },
  origin_refused: {
    cause: 'ollama_down',
    rung: 'ollama',
    summary: 'The tunnel is up, Ollama does not answer behind it.',
    fix: [
      START_OLLAMA,
      ASK_AT_HOME,
      { text: 'If it answers there, the tunnel points at another port. Start it again.', command: '{start}' },
    ],
    or: ['tunnel_misrouted'],
    retry: true,
  },
  proxy_bad_gateway: {
    cause: 'ollama_down',
    rung: 'ollama',
    summary:
      'A proxy answers in place of your home (HTTP {status}). Ollama is down, or the line between the proxy and your home is.',
    fix: [START_OLLAMA, START_TUNNEL],
    or: ['tunnel_down', 'tunnel_misrouted', 'timed_out'],
    retry: true,
  },
  proxy_waited: {
    cause: 'timed_out',
    rung: 'ollama',
    summary: 'A proxy waited for your home and gave up (HTTP {status}, after {seconds} s).',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: ['ollama_down', 'tunnel_down'],
    retry: true,
  },
  no_answer: {
    cause: 'timed_out',
    rung: 'ollama',
    summary: 'No answer within {seconds} s. Asleep and overloaded look the same from here.',
    fix: [WAKE, ASK_AT_HOME, START_TUNNEL],
    or: ['tunnel_down', 'ollama_down', 'connection_failed'],
    retry: true,
  },
  list_hangs: {
    cause: 'timed_out',
    rung: 'ollama',
    summary: 'Ollama answers, but its list of models does not come within {seconds} s.',
    fix: [
      {
        text: 'On the home machine, look whether its disk is busy, then ask for the list.',
        command: 'curl http://localhost:11434/api/tags',
      },
    ],
    or: ['ollama_error'],
    retry: true,
  },
  other_service: {
    cause: 'not_ollama',
    rung: 'ollama',
    summary: 'Something answers at {host}, but it is not Ollama.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434.', command: '{start}' }],
    or: ['tunnel_misrouted', 'ollama_down'],
  },
  open_webui: {
    cause: 'not_ollama',
    rung: 'ollama',
    summary: 'Open WebUI answers at {host}, not Ollama.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434, not at the web page’s.', command: '{start}' }],
  },
  unknown_path: {
    cause: 'not_ollama',
    rung: 'ollama',
    summary: 'Whatever answers at {host} does not know Ollama’s routes.',
    fix: [{ text: 'Point the tunnel at Ollama’s port, 11434.', command: '{start}' }],
    or: ['tunnel_misrouted', 'ollama_outdated'],
  },
  answers_differ: {
    cause: 'split_home',
    rung: 'ollama',
    summary: 'Two different servers answer at this address, in turn. One of them is probably not the one you mean.',
    fix: [
      {
        text: 'On the home machine, see who listens. A native Ollama beside one in a container is the usual pair.',
        command: 'sudo lsof -nP -iTCP:11434 -sTCP:LISTEN',
      },
      {
        text: 'Stop the one that you do not mean, or give it another port.',
        command: 'OLLAMA_HOST=127.0.0.1:11435 ollama serve',
      },
    ],
  },
  error_answer: {
    cause: 'ollama_error',
    rung: 'ollama',
    summary: 'Ollama answers, but with an error (HTTP {status}): {error}',
    fix: [{ text: 'Look at Ollama’s log on the home machine.', command: 'journalctl -u ollama -n 50' }],
    retry: true,
  },
  request_refused: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'Ollama refuses this request: {error}',
    fix: [{ text: 'Change the request and run it again.' }],
  },
  queue_full: {
    cause: 'ollama_busy',
    rung: 'generate',
    summary: 'Ollama is busy: its queue is full.',
    fix: [{ text: 'Wait until the running requests are done, then try again.' }],
    retry: true,
  },

  no_models: {
    cause: 'model_missing',
    rung: 'model',
    summary: 'Ollama answers, but no model is installed.',
    fix: [{ text: 'Pull one at home.', command: 'ollama pull llama3.2' }],
  },
  model_not_installed: {
    cause: 'model_missing',
    rung: 'model',
    summary: 'Ollama answers, but {model} is not installed.{nearest}',
    fix: [{ text: 'Pull it at home.', command: 'ollama pull {model}' }],
  },

  load_failed: {
    cause: 'model_failed',
    rung: 'generate',
    summary: 'Ollama could not load {model}: {error}',
    fix: [
      { text: 'Pull the model again; the file may be damaged.', command: 'ollama pull {model}' },
      { text: 'Look at Ollama’s log.', command: 'journalctl -u ollama -n 50' },
    ],
  },
  out_of_memory: {
    cause: 'model_failed',
    rung: 'generate',
    summary: '{model} does not fit into the memory of the home machine.',
    fix: [{ text: 'Take a smaller model or quantisation, or a smaller num_ctx.', command: 'ollama ps' }],
  },
  runner_died: {
    cause: 'model_failed',
    rung: 'generate',
    summary: 'The model stopped in the middle of the answer: {error}',
    fix: [{ text: 'Run it again. If it happens again, look at Ollama’s log.', command: 'journalctl -u ollama -n 50' }],
    or: ['ollama_error'],
    retry: true,
  },
  cut_midway: {
    cause: 'connection_failed',
    rung: 'generate',
    summary: 'The connection broke in the middle of the answer. The text so far is kept.',
    fix: [{ text: 'Check the home, then run it again.' }],
    or: ['ollama_down', 'tunnel_down', 'model_failed'],
    retry: true,
  },
  ended_early: {
    cause: 'model_failed',
    rung: 'generate',
    summary: 'The answer ended without its last line, so it may not be complete. The text so far is kept.',
    fix: [{ text: 'Run it again. A model that repeats itself is cut off by Ollama like this.' }],
    or: ['ollama_error', 'connection_failed', 'ollama_down'],
    retry: true,
  },
  broken_line: {
    cause: 'ollama_error',
    rung: 'generate',
    summary: 'A line of the answer could not be read. The text so far is kept.',
    fix: [{ text: 'Run it again. If it happens again, a proxy on the way changes the stream.' }],
    or: ['not_ollama', 'tunnel_misrouted'],
    retry: true,
  },
  stalled: {
    cause: 'generation_stuck',
    rung: 'generate',
    summary: 'The answer stopped coming: nothing for {seconds} s. The text so far is kept.',
    fix: [
      { text: 'See what the model is doing.', command: 'ollama ps' },
      { text: 'Restart Ollama on the home machine.', command: 'sudo systemctl restart ollama' },
    ],
    or: ['timed_out', 'tunnel_down'],
    retry: true,
  },
  silent_too_long: {
    cause: 'timed_out',
    rung: 'generate',
    summary:
      'The tunnel gave up after a long silence: the model took too long to load or to read the prompt. Trying again at once starts the load anew.',
    fix: [{ text: 'Load the model at home first, then run again.', command: 'ollama run {model} ""' }],
    or: ['generation_stuck'],
  },

  unnamed: {
    cause: 'unknown',
    rung: 'ollama',
    summary: 'Failed in a way we have no name for yet (HTTP {status}). What was seen is kept; copy it.',
    fix: [ASK_AT_HOME],
    retry: true,
  },
  unnamed_silence: {
    cause: 'unknown',
    rung: 'connect',
    summary: 'Failed in a way we have no name for yet: {error}',
    fix: [ASK_AT_HOME],
    retry: true,
  },
} as const satisfies Record<string, Reason>

export type ReasonName = keyof typeof REASONS

export const reason = (name: ReasonName): Reason => REASONS[name]
