import { renderUnicodeCompact } from 'uqr'

const LIGHT_ON_DARK = '\u001b[97;40m'
const AS_BEFORE = '\u001b[0m'

/** A QR code for a terminal, two rows in a line. Where colours are possible, light and dark are not left to its theme. */
export function qrFor(text: string, hasColours: boolean): string {
  const lines = renderUnicodeCompact(text, { border: 2, ecc: 'L' }).split('\n')
  return lines.map((line) => (hasColours ? `${LIGHT_ON_DARK}${line}${AS_BEFORE}` : line)).join('\n')
}
