/**
 * Copies a text, also one that is still being made: some browsers let a page copy only while the tap is being handled.
 * Whether this browser allowed it.
 */
export async function copyText(text: Promise<string>): Promise<boolean> {
  try {
    if ('ClipboardItem' in window && 'write' in navigator.clipboard) {
      const blob = text.then((made) => new Blob([made], { type: 'text/plain' }))
      await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })])
    } else await navigator.clipboard.writeText(await text)
    return true
  } catch {
    return false
  }
}

export const COPIED = 'Copied'
export const NOT_COPIED = 'Not copied: this browser does not allow it'
