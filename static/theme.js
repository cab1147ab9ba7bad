// Runs before the first paint, so that the other theme does not flash.
try {
  const theme = localStorage.getItem('porchlight.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be switched off; then the system setting applies.
}
