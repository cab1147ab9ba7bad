/** Vite's `import()` looks through the whole page each time: so each module is asked for once, and again only if it failed. */
function once<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let asked: Promise<Module> | undefined
  return () =>
    (asked ??= load().catch((error: unknown) => {
      asked = undefined
      throw error
    }))
}

export const loadTypesetter = once(async () => {
  const { styled, typeset } = await import('./typeset')
  await styled
  return typeset
})
export const loadHighlighter = once(() => import('./highlight'))
