// The page is complete without this script. It updates ages, asks for a newer verdict while the page is visible, and runs checks.
import { COPIED, NOT_COPIED } from '../../ui/copy-text.ts'
import { toggleTheme } from '../../ui/theme.ts'
import { Freshness } from './freshness.ts'
import { elementById } from './page.ts'
import { registerServiceWorker } from './service-worker.ts'
import { list, showLoaded, startWarmUp } from './warm-up.ts'

const POLL_MS = 30_000
const TICK_MS = 5000
const FEEDBACK_MS = 2000

async function copyCommand(button: HTMLButtonElement) {
  const command = button.previousElementSibling?.textContent ?? ''
  const isCopied = await navigator.clipboard.writeText(command).then(
    () => true,
    () => false,
  )
  const show = (label: string, icon: string) => {
    button.setAttribute('aria-label', label)
    button.querySelector('use')?.setAttribute('href', icon)
  }
  const label = button.getAttribute('aria-label') ?? ''
  show(isCopied ? COPIED : NOT_COPIED, isCopied ? '#check' : '#copy')
  setTimeout(() => show(label, '#copy'), FEEDBACK_MS)
}

const freshness = new Freshness()
const refreshIfVisible = () => {
  if (document.visibilityState === 'visible') void freshness.refresh()
}

elementById('check-now').addEventListener('click', () => void freshness.check())
elementById('theme').addEventListener('click', toggleTheme)
document.getElementById('warm')?.addEventListener('click', () => void startWarmUp())
for (const button of document.querySelectorAll<HTMLButtonElement>('button.copy')) {
  button.hidden = false
  button.addEventListener('click', () => void copyCommand(button))
}
for (const event of ['online', 'offline'])
  window.addEventListener(event, () => void freshness.refresh())
document.addEventListener('visibilitychange', refreshIfVisible)
setInterval(() => freshness.show(), TICK_MS)
setInterval(refreshIfVisible, POLL_MS)
registerServiceWorker()
list(['Checking which models are loaded …'])
void showLoaded()
freshness.start()
