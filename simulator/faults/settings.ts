/** Faults of a server with a healthy home: wrong settings, or names that do not resolve. */
import { name, settings, type Fault } from '../fault.ts'

export const OWNER = { OWNER_KEY_HASH: 'a'.repeat(64) } as const
const DEPLOYED = { RUNTIME: 'deployed', ...OWNER } as const
const at = (title: string, url: string, more: Record<string, string> = {}) =>
  settings(title, () => ({ OLLAMA_URL: url, ...more }))

const A = 1
const CNAME = 5
const AAAA = 28

export const SETTING_FAULTS = {
  url_missing: at('No address is set.', ''),
  url_quoted: at('The address is in quotation marks.', '"http://127.0.0.1:11434"'),
  url_without_scheme: at('The address has no scheme.', '127.0.0.1:11434'),
  url_unknown_scheme: at('The address has a scheme that is not http or https.', 'ftp://127.0.0.1'),
  url_with_credentials: at(
    'The address contains a user name and a password.',
    'http://me:hidden@127.0.0.1:11434',
  ),
  url_with_path: at('The address has a path.', 'http://127.0.0.1:11434/v1'),
  url_malformed: at('The address has an impossible port.', 'http://127.0.0.1:99999'),
  unowned: at('A deployed server has no owner key.', 'https://home.example', {
    RUNTIME: 'deployed',
  }),
  deployed_plain: at(
    'A deployed server has an address without encryption.',
    'http://home.example',
    DEPLOYED,
  ),
  deployed_loopback: at(
    'A deployed server has its own address.',
    'http://localhost:11434',
    DEPLOYED,
  ),
  deployed_private: at(
    'A deployed server has an address in a home network.',
    'http://192.168.1.20:11434',
    DEPLOYED,
  ),
  deployed_home_name: at(
    'A deployed server has the address of a Docker service.',
    'http://ollama:11434',
    DEPLOYED,
  ),
  cannot_see_out: {
    ...settings(
      'This server is offline: neither the home nor anything else answers.',
      ({ nowhere, resolver }) => ({
        OLLAMA_URL: 'http://home.invalid',
        CONTROL_URL: nowhere,
        DOH_URL: resolver,
      }),
    ),
    dns: { Status: 0, Answer: [{ type: A, data: '203.0.113.7' }] },
  },
  resolver_down: settings('The resolver cannot be reached.', ({ nowhere }) => ({
    OLLAMA_URL: 'http://home.invalid',
    DOH_URL: nowhere,
  })),
  resolver_absent: settings(
    'The name does not resolve, and there is no resolver to confirm it.',
    () => ({
      OLLAMA_URL: 'http://home.invalid',
    }),
  ),
  dns_nxdomain: name(
    'The resolver reports that there is no such name: NXDOMAIN.',
    'https://home.invalid',
    {
      Status: 3,
    },
  ),
  dns_quick_tunnel_gone: name(
    'The name of a stopped quick tunnel no longer exists.',
    'https://words-that-were-random.trycloudflare.com',
    { Status: 3 },
  ),
  dns_docker_name: name(
    'A Docker service name is used outside its network.',
    'http://ollama:11434',
    { Status: 3 },
  ),
  dns_local_name: name('A .local name is not known in this network.', 'http://nas.local:11434', {
    Status: 3,
  }),
  dns_servfail: name(
    'The name servers fail: SERVFAIL with an extended error.',
    'https://home.invalid',
    {
      Status: 2,
      Comment: 'EDE(9): DNSKEY Missing',
    },
  ),
  dns_refused: name('The resolver refuses to answer.', 'https://home.invalid', { Status: 5 }),
  dns_blocked: name('A filter blocks the name.', 'https://home.invalid', {
    Status: 0,
    Answer: [{ type: A, data: '0.0.0.0' }],
  }),
  dns_no_address: name('The name exists, but has no address.', 'https://home.invalid', {
    Status: 0,
  }),
  dns_private: name(
    'The name resolves to an address in a home network, and the server is deployed.',
    'https://home.invalid',
    { Status: 0, Answer: [{ type: A, data: '192.168.1.20' }] },
    DEPLOYED,
  ),
  dns_unproxied: name(
    'The name resolves to the internal address of a Cloudflare tunnel.',
    'https://home.invalid',
    {
      Status: 0,
      Answer: [
        { type: CNAME, data: '0b0e0c1d-tunnel.cfargotunnel.com.' },
        { type: AAAA, data: 'fd10:aec2:5dae::' },
      ],
    },
  ),
  name_leads_nowhere: name(
    'The name resolves, but nothing answers at its address.',
    'https://home.invalid',
    {
      Status: 0,
      Answer: [{ type: A, data: '203.0.113.7' }],
    },
  ),
  model_wrong_tag: settings('The wanted model is installed under another tag.', ({ url }) => ({
    OLLAMA_URL: url,
    OLLAMA_MODELS: 'llama3.2:70b',
  })),
  model_not_pulled: settings('The wanted model is not installed.', ({ url }) => ({
    OLLAMA_URL: url,
    OLLAMA_MODELS: 'nowhere-to-be-found:7b',
  })),
  model_not_loaded: settings('The wanted model is installed, but not loaded.', ({ url }) => ({
    OLLAMA_URL: url,
    OLLAMA_MODELS: 'mistral:latest',
  })),
} as const satisfies Record<string, Fault>
