/** The built `src/lib/status/script` (vite.config.ts). */
declare module 'virtual:status-script' {
  export const code: string
  /** Changes with `code`. */
  export const version: string
}
