import { writeDeviceValue } from '../storage.ts'

/** Stores the choice for `static/theme.js`, which applies it before the first paint. Without a choice the system setting applies. */
export function toggleTheme() {
  const { dataset } = document.documentElement
  const isDark = dataset.theme
    ? dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches
  dataset.theme = isDark ? 'light' : 'dark'
  writeDeviceValue('theme', dataset.theme)
}
