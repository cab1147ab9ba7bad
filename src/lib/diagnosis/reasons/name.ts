import type { Reason } from './reason.ts'
import { START_TUNNEL } from './steps.ts'

const DNS = { cause: 'dns_failure', rung: 'dns' } as const
const TAKE_NEW_NAME = {
  text: 'If it printed a new address, set it here.',
  command: '{setUrl}',
} as const

/** Between the name and its address. */
export const NAME_REASONS = {
  name_not_found: {
    ...DNS,
    summary: 'The name {host} does not exist.',
    why: 'The resolver reports that there is no such name (NXDOMAIN).',
    fix: [
      { text: 'Check the spelling of the name.', command: 'nslookup {host}' },
      {
        text: 'If the name belongs to a tunnel, start the tunnel again and read the address that it prints.',
        command: '{start}',
      },
      TAKE_NEW_NAME,
    ],
  },
  quick_tunnel_gone: {
    ...DNS,
    summary: 'The name {host} no longer exists. A quick tunnel gets a new name at every start.',
    why: 'The resolver reports that there is no such name (NXDOMAIN), and names like this exist only while their tunnel runs.',
    fix: [
      { text: 'On the home machine, start the tunnel again.', command: '{start}' },
      TAKE_NEW_NAME,
    ],
  },
  docker_name: {
    ...DNS,
    summary:
      'The name {host} does not resolve on this machine. If it is a Docker service name, only containers in the same network can resolve it.',
    why: 'No resolver outside that network knows a name without a dot (or with Docker’s own ending).',
    fix: [
      {
        text: 'Publish the container’s port (ports: "{port}:{port}"), then use the address of this machine.',
        command: 'OLLAMA_URL=http://127.0.0.1:{port} npm start',
      },
      {
        text: 'If this server runs in a container as well, put both containers into one network.',
        command: 'docker network ls; docker ps',
      },
    ],
  },
  home_name_unknown: {
    ...DNS,
    summary: 'The name {host} is not known in this network.',
    why: 'The machine itself or the router announces names such as .local and .lan, and neither announced this one.',
    fix: [
      { text: 'Make sure that the machine is on and in the same network.', command: 'ping {host}' },
      { text: 'Or use its IP address.', command: 'OLLAMA_URL=http://192.168.…:{port} npm start' },
    ],
  },
  name_server_failed: {
    ...DNS,
    summary: 'The name servers of {host} do not answer properly.',
    why: 'The resolver answered SERVFAIL.{comment}',
    fix: [
      {
        text: 'Check the name servers and the DNSSEC settings of the domain.',
        command: 'dig {host} +dnssec',
      },
      {
        text: 'If other names fail as well, the resolver here is offline: make sure that this server is online.',
      },
    ],
    or: ['observer_blind'],
    retry: true,
  },
  name_blocked: {
    ...DNS,
    summary: 'The resolver of this network blocks the name {host}.',
    why: 'It returned 0.0.0.0 or :: instead of an address, as filters such as Pi-hole do.',
    fix: [
      {
        text: 'Allow the name in the filter, or use another resolver.',
        command: 'dig @1.1.1.1 {host}',
      },
    ],
    or: ['connection_failed'],
  },
  name_refused: {
    ...DNS,
    summary: 'The resolver refuses to look up {host}.',
    why: 'It answered with code {code}.{comment}',
    fix: [
      {
        text: 'Ask another resolver, and fix the one that this machine uses.',
        command: 'dig @1.1.1.1 {host}',
      },
    ],
    or: ['observer_blind'],
  },
  name_without_address: {
    ...DNS,
    summary: 'The name {host} exists, but has no address.',
    why: 'The resolver knows the name and returned neither an IPv4 nor an IPv6 address.',
    fix: [{ text: 'Add an A, AAAA or CNAME record for it.', command: 'dig {host}' }],
  },
  tunnel_unproxied: {
    ...DNS,
    summary:
      'The DNS record of {host} points at the tunnel without Cloudflare’s proxy, so no connection is possible.',
    why: 'The name resolves to the internal address of a tunnel (cfargotunnel.com), which only Cloudflare’s proxy can use.',
    fix: [
      {
        text: 'In Cloudflare’s DNS settings, switch the record to “Proxied” (the orange cloud).',
      },
      {
        text: 'Or let cloudflared write the record.',
        command: 'cloudflared tunnel route dns NAME {host}',
      },
    ],
  },
  edge_cannot_resolve: {
    ...DNS,
    summary: 'Cloudflare answers for {host}, but cannot resolve the target of its DNS record.',
    why: 'Cloudflare’s edge answered with error 1016 (origin DNS error).',
    fix: [
      {
        text: 'Check the record in Cloudflare’s DNS settings.',
        command: 'cloudflared tunnel route dns NAME {host}',
      },
      START_TUNNEL,
      TAKE_NEW_NAME,
    ],
    or: ['tunnel_down'],
  },
  name_probably_not_found: {
    ...DNS,
    summary: 'No connection was made, most likely because the name {host} does not resolve.',
    why: 'The request failed as it does for unknown names, and no resolver was available to confirm it.',
    fix: [{ text: 'Look up the name yourself.', command: 'nslookup {host}' }, START_TUNNEL],
    or: ['connection_failed', 'observer_blind', 'tls_failure'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
