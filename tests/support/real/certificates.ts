import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder, run } from './programs.ts'

const SETTINGS = `
[ca]
default_ca = ours
[ours]
database = issued.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
default_days = 30
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
[leaf]
subjectAltName = $ENV::NAMES
`
const HERE = 'DNS:localhost,IP:127.0.0.1'

interface Wanted {
  names?: string
  issuer?: string
  from?: string
  to?: string
  extensions?: 'leaf' | 'authority'
}

/** In this order: who signs comes before what it signs. */
const WANTED = {
  middle: { extensions: 'authority' },
  good: {},
  expired: { from: '20200101000000Z', to: '20210101000000Z' },
  early: { from: '20900101000000Z', to: '20910101000000Z' },
  elsewhere: { names: 'DNS:other.test' },
  chained: { issuer: 'middle' },
} as const satisfies Record<string, Wanted>

export type CertificateName = keyof typeof WANTED | 'self'

export interface Certificates {
  /** The authority's own certificate, as a file: for NODE_EXTRA_CA_CERTS. */
  authority: string
  of: (name: CertificateName) => { key: string; cert: string }
  /** The good certificate under the names that a server's configuration uses. */
  files: { 'good.crt': string; 'good.key': string }
  remove: () => void
}

const requestOf = (name: string) => [
  'req',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-keyout',
  `${name}.key`,
  '-subj',
  `/CN=${name}`,
]

/** An authority of the test's own, and certificates of it with one fault each. */
export function makeCertificates(): Certificates {
  const { path, remove } = folder()
  const at = (file: string) => join(path, file)
  const read = (file: string) => readFileSync(at(file), 'utf8')
  writeFileSync(at('ca.cnf'), SETTINGS)
  writeFileSync(at('issued.txt'), '')
  const openssl = (names: string, ...args: string[]) =>
    run('openssl', args, { cwd: path, env: { NAMES: names } })
  const request = (name: string, ...more: string[]) => openssl(HERE, ...requestOf(name), ...more)
  const selfSigned = (name: string, ...more: string[]) =>
    request(name, '-x509', '-days', '30', '-out', `${name}.crt`, ...more)
  const issue = (
    name: string,
    { names = HERE, issuer = 'root', from, to, extensions = 'leaf' }: Wanted,
  ) => {
    request(name, '-out', `${name}.csr`)
    const dates = from && to ? ['-startdate', from, '-enddate', to] : []
    openssl(
      names,
      'ca',
      '-batch',
      '-notext',
      '-config',
      'ca.cnf',
      '-extensions',
      extensions,
      '-cert',
      `${issuer}.crt`,
      '-keyfile',
      `${issuer}.key`,
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.crt`,
      ...dates,
    )
  }
  selfSigned('root')
  selfSigned('self', '-addext', `subjectAltName=${HERE}`)
  for (const [name, wanted] of Object.entries(WANTED)) issue(name, wanted)
  const of = (name: CertificateName) => ({ key: read(`${name}.key`), cert: read(`${name}.crt`) })
  return {
    authority: at('root.crt'),
    of,
    files: { 'good.crt': of('good').cert, 'good.key': of('good').key },
    remove,
  }
}
