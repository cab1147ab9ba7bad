/** Loads a module once, and again only after a failure. Vite's `import()` searches the whole page each time. */
function once<Module>(load: () => Promise<Module>): () => Promise<Module> {
  let loading: Promise<Module> | undefined
  return () =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined
      throw error
    }))
}

export const loadTypesetter = once(async () => {
  const { styled, typeset } = await import('./markdown/typeset')
  await styled
  return typeset
})
export const loadHighlighter = once(() => import('./markdown/highlight'))
export const loadSchemaChecker = once(() => import('./json-schema'))
