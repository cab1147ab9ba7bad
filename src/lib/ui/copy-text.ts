/**
 * Takes a promise, because some browsers let a page copy only while the tap is being handled. Returns whether the browser
 * allowed it.
 */
export async function copyText(text: Promise<string>): Promise<boolean> {
  try {
    if ('ClipboardItem' in window && 'write' in navigator.clipboard) {
      const blob = text.then((ready) => new Blob([ready], { type: 'text/plain' }))
      await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })])
    } else await navigator.clipboard.writeText(await text)
    return true
  } catch {
    return false
  }
}

export const COPIED = 'Copied'
export const NOT_COPIED = 'Not copied: this browser does not allow it'
