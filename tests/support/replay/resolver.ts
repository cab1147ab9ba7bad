import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const NO_SUCH_NAME = 3

/** A DNS-over-HTTPS resolver (JSON) that knows no names. */
export async function startEmptyResolver() {
  const server = createServer((_request, response) => {
    response
      .writeHead(200, { 'Content-Type': 'application/dns-json' })
      .end(JSON.stringify({ Status: NO_SUCH_NAME }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}
