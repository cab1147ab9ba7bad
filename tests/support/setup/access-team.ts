import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose'
import type { TestProject } from 'vitest/node'

/** A Cloudflare Access team: serves its public keys and counts the requests for them. */
export default async function setup({ provide }: TestProject) {
  const [known, unknown] = await Promise.all([keyPair(), keyPair()])
  let asked = 0
  const server = createServer((request, response) => {
    if (request.url === '/asked') return void response.end(String(asked))
    asked++
    const isCerts = request.url === '/cdn-cgi/access/certs'
    response.writeHead(isCerts ? 200 : 404, { 'Content-Type': 'application/json' })
    response.end(
      JSON.stringify(
        isCerts ? { keys: [{ ...known.jwk, kid: 'one', alg: 'RS256', use: 'sig' }] } : {},
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  provide('team', { url, known: known.pkcs8, unknown: unknown.pkcs8 })
  return () => server.close()
}

async function keyPair() {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { jwk: await exportJWK(publicKey), pkcs8: await exportPKCS8(privateKey) }
}

declare module 'vitest' {
  interface ProvidedContext {
    team: { url: string; known: string; unknown: string }
  }
}
