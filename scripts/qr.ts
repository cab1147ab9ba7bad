import { renderUnicodeCompact } from 'uqr'

const LIGHT_ON_DARK = '\u001b[97;40m'
const RESET = '\u001b[0m'

/** A QR code for a terminal, two rows per line. With colours, because a light theme would invert it. */
export function qrFor(text: string, hasColours: boolean): string {
  const lines = renderUnicodeCompact(text, { border: 2, ecc: 'L' }).split('\n')
  return lines.map((line) => (hasColours ? `${LIGHT_ON_DARK}${line}${RESET}` : line)).join('\n')
}
