import { writeDeviceValue } from '../storage.ts'

/** The theme that was chosen on this device; by default the device decides. `static/theme.js` applies it before the first paint. */
export function toggleTheme() {
  const { dataset } = document.documentElement
  const isDark = dataset.theme
    ? dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches
  dataset.theme = isDark ? 'light' : 'dark'
  writeDeviceValue('theme', dataset.theme)
}
