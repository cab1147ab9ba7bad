import type { Reason } from './reason.ts'
import { START_TUNNEL } from './steps.ts'

const DNS = { cause: 'dns_failure', rung: 'dns' } as const
const TAKE_NEW_NAME = {
  text: 'If it printed a new address, set it here.',
  command: '{setUrl}',
} as const

/** Between the name and an address. */
export const NAME_REASONS = {
  name_not_found: {
    ...DNS,
    summary: 'The name {host} does not exist (any more).',
    why: 'The resolver says that there is no such name (NXDOMAIN).',
    fix: [
      { text: 'See that the name is written rightly.', command: 'nslookup {host}' },
      {
        text: 'If it is a tunnel’s, start it again and read the address that it prints.',
        command: '{start}',
      },
      TAKE_NEW_NAME,
    ],
  },
  quick_tunnel_gone: {
    ...DNS,
    summary:
      'The name {host} is gone: a quick tunnel’s name ends with it, and the next one has another.',
    why: 'The resolver says that there is no such name (NXDOMAIN), and it is of the kind that lives as long as its tunnel.',
    fix: [
      { text: 'On the home machine, start the tunnel again.', command: '{start}' },
      TAKE_NEW_NAME,
    ],
  },
  docker_name: {
    ...DNS,
    summary:
      'The name {host} does not resolve on this machine. If it is a Docker service name: those exist only between containers of their own network.',
    why: 'A name without a dot (or Docker’s own ending) is known to no resolver outside that network.',
    fix: [
      {
        text: 'Publish the container’s port (ports: "{port}:{port}"), then use the address of this machine.',
        command: 'OLLAMA_URL=http://127.0.0.1:{port} npm start',
      },
      {
        text: 'If Ollama runs in a container beside this server’s, put both in one network.',
        command: 'docker network ls; docker ps',
      },
    ],
  },
  home_name_unknown: {
    ...DNS,
    summary: 'The name {host} is not known in this network.',
    why: 'Names such as .local and .lan are told by the machine itself or by the router, and neither told this one.',
    fix: [
      { text: 'See that the machine is on and in the same network.', command: 'ping {host}' },
      { text: 'Or use its address.', command: 'OLLAMA_URL=http://192.168.…:{port} npm start' },
    ],
  },
  name_server_failed: {
    ...DNS,
    summary: 'The name servers of {host} do not answer properly.',
    why: 'The resolver says SERVFAIL.{comment}',
    fix: [
      {
        text: 'Look at the name servers and the DNSSEC settings of the domain.',
        command: 'dig {host} +dnssec',
      },
      {
        text: 'If other names fail, too, the resolver here is offline: see that this server is online.',
      },
    ],
    or: ['observer_blind'],
    retry: true,
  },
  name_blocked: {
    ...DNS,
    summary: 'The resolver of this network blocks the name {host}.',
    why: 'It gave 0.0.0.0 or :: instead of an address, as filters such as Pi-hole do.',
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
    summary: 'The resolver refuses to tell what {host} stands for.',
    why: 'It answered with code {code}.{comment}',
    fix: [
      {
        text: 'Ask another resolver, and mend the one of this machine.',
        command: 'dig @1.1.1.1 {host}',
      },
    ],
    or: ['observer_blind'],
  },
  name_without_address: {
    ...DNS,
    summary: 'The name {host} exists, but has no address.',
    why: 'The resolver knows the name and gave neither an IPv4 nor an IPv6 address.',
    fix: [{ text: 'Add an A, AAAA or CNAME record for it.', command: 'dig {host}' }],
  },
  tunnel_unproxied: {
    ...DNS,
    summary:
      'The record of {host} leads to the tunnel without Cloudflare’s proxy, so nobody can connect.',
    why: 'The name shows the inner address of a tunnel (cfargotunnel.com), which only Cloudflare’s proxy can use.',
    fix: [
      {
        text: 'In the DNS settings at Cloudflare, switch the record to “Proxied” (the orange cloud).',
      },
      { text: 'Or let cloudflared write it.', command: 'cloudflared tunnel route dns NAME {host}' },
    ],
  },
  edge_cannot_resolve: {
    ...DNS,
    summary: 'Cloudflare answers for {host}, but cannot resolve where its record points.',
    why: 'Cloudflare’s edge answered with error 1016 (origin DNS error).',
    fix: [
      {
        text: 'Look at the record in Cloudflare’s DNS settings.',
        command: 'cloudflared tunnel route dns NAME {host}',
      },
      START_TUNNEL,
      TAKE_NEW_NAME,
    ],
    or: ['tunnel_down'],
  },
  name_probably_not_found: {
    ...DNS,
    summary: 'No connection came about, most likely because the name {host} does not resolve.',
    why: 'The request failed the way it does for unknown names, and no resolver was there to ask.',
    fix: [{ text: 'Ask for the name yourself.', command: 'nslookup {host}' }, START_TUNNEL],
    or: ['connection_failed', 'observer_blind', 'tls_failure'],
    retry: true,
  },
} as const satisfies Record<string, Reason>
