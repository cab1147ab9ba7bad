type Theme = 'light' | 'dark'

/** The theme that was chosen on this device; without a choice the device's own holds. `static/theme.js` applies it before the first paint. */
export function toggleTheme() {
  const root = document.documentElement
  const isDark = root.dataset.theme
    ? root.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches
  const next: Theme = isDark ? 'light' : 'dark'
  root.dataset.theme = next
  try {
    localStorage.setItem('porchlight.theme', next)
  } catch {
    // Not kept, then: the choice holds until the page is left.
  }
}
