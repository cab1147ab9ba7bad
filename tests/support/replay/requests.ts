/** The first complete request in `bytes`, or `null`. */
export function readRequest(bytes: Buffer): { route: string; rest: Buffer } | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [first = '', ...headers] = bytes.toString('latin1', 0, end).split('\r\n')
  const value = (name: string) =>
    headers.find((line) => line.toLowerCase().startsWith(`${name}:`))?.split(':')[1]
  const length = Number(value('content-length') ?? 0)
  const from = end + 4
  if (bytes.length < from + length) return null
  const [method = '', target = ''] = first.split(' ')
  const origin = value('origin') === undefined ? '' : ' with Origin'
  return {
    route: `${method} ${target.replace(/\?.*$/, '')}${origin}`,
    rest: bytes.subarray(from + length),
  }
}
