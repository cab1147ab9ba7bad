import katex from 'katex'
import sheet from 'katex/dist/katex.min.css?url'

/** Its style comes with the first formula: no page waits for it. */
export const styled = new Promise<void>((resolve, reject) => {
  const link = document.createElement('link')
  Object.assign(link, { rel: 'stylesheet', href: sheet, onload: () => resolve(), onerror: reject })
  document.head.append(link)
})

/** What a formula may cost: macros that grow without end, and signs as large as the page, are refused. */
const BOUNDS = { maxExpand: 200, maxSize: 10, trust: false, strict: 'ignore' } as const

/** Sets a formula into an element, as nodes. Throws when it cannot be read. */
export function typeset(tex: string, element: HTMLElement, isBlock: boolean) {
  // MathML would carry style attributes, which the content policy forbids; the source is its label instead.
  katex.render(tex, element, {
    ...BOUNDS,
    displayMode: isBlock,
    output: 'html',
    throwOnError: true,
  })
}
