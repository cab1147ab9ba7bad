import katex from 'katex'
import sheet from 'katex/dist/katex.min.css?url'

/** The style sheet is loaded with the first formula. */
export const styled = new Promise<void>((resolve, reject) => {
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = sheet
  link.onload = () => resolve()
  link.onerror = reject
  document.head.append(link)
})

/** Refuses endless macros and oversized characters. */
const BOUNDS = { maxExpand: 200, maxSize: 10, trust: false, strict: 'ignore' } as const

/** Renders a formula into an element, as nodes. Throws if it is invalid. */
export function typeset(tex: string, element: HTMLElement, isBlock: boolean) {
  // MathML would carry style attributes, which the content policy forbids. The formula's source is its label instead.
  katex.render(tex, element, {
    ...BOUNDS,
    displayMode: isBlock,
    output: 'html',
    throwOnError: true,
  })
}
