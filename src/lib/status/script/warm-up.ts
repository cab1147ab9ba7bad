import type { Problem } from '../../contract/problem.ts'
import type { Loaded, LoadedModel, WarmUp } from '../../contract/warmth.ts'
import { sameModel } from '../../diagnosis/names.ts'
import { span } from '../../format.ts'
import { isLoading, loadedFacts } from '../../models/loaded-facts.ts'
import { elementById, painted, serverNow, setText } from './page.ts'

const POLL_WHILE_LOADING_MS = 2000
/** What fits on the button of a phone. */
const BUTTON_LETTERS = 22
const UNREACHABLE = 'Porchlight could not be reached. Try again when you are online.'

const button = document.querySelector<HTMLButtonElement>('#warm')

/** Lists the loaded models. Only the home knows them, and it may not answer. */
export async function showLoaded() {
  if (!document.getElementById('loaded')) return
  if (painted.status === 'fail') return list([])
  const { models, warmUp } = await readLoaded()
  if (!models) return list(['Loaded models are unknown at the moment.'])
  list(
    models.length > 0
      ? models.map((model) => `${model.name} · ${loadedFacts(model, serverNow())}`)
      : ['No model is loaded. The first answer waits for it.'],
  )
  offerWarmUp(models, warmUp)
}

export async function startWarmUp() {
  if (!button) return
  button.disabled = true
  const body = JSON.stringify({ model: button.dataset.model })
  const headers = { 'Content-Type': 'application/json' }
  const response = await fetch('/api/warm', { method: 'POST', headers, body }).catch(() => null)
  if (response?.ok) return showLoaded()
  setText(button, 'Warm up again')
  button.disabled = false
  const problem = (await response?.json().catch(() => null)) as Partial<Problem> | null | undefined
  list([problem?.detail ?? UNREACHABLE])
}

export function list(lines: readonly string[]) {
  const items = lines.map((text) => {
    const item = document.createElement('li')
    item.textContent = text
    return item
  })
  document.getElementById('loaded')?.replaceChildren(...items)
}

const readLoaded = (): Promise<Loaded> =>
  fetch('/api/loaded', { headers: { 'X-Porchlight': 'page' } })
    .then((response) => response.json() as Promise<Loaded>)
    .catch(() => ({ models: null, warmUp: null }))

/** While the model is cold, Warm up takes the place of the link to the bench. */
function offerWarmUp(models: readonly LoadedModel[], warmUp: WarmUp | null) {
  const model = button?.dataset.model ?? ''
  if (!button || model === '') return
  // Where the owner has set no wanted model, any loaded one will do.
  const isWarm = models.some(
    ({ name }) => button.dataset.wanted !== 'true' || sameModel(name, model),
  )
  button.hidden = isWarm
  elementById('test').hidden = !isWarm
  button.disabled = isLoading(warmUp)
  const failed = warmUp?.state === 'failed' && sameModel(warmUp.model, model) ? warmUp : null
  setText(button, labelOf(model, warmUp, failed !== null))
  if (failed) list([`${model} could not be loaded: ${failed.problem?.title ?? 'unknown reason'}.`])
  if (isLoading(warmUp)) setTimeout(() => void showLoaded(), POLL_WHILE_LOADING_MS)
}

function labelOf(model: string, warmUp: WarmUp | null, hasFailed: boolean): string {
  if (warmUp?.state === 'queued') return 'Waiting in the queue'
  if (warmUp && isLoading(warmUp))
    return `Loading ${shortName(warmUp.model)}, ${span(warmUp.ms ?? 0)}`
  return hasFailed ? 'Warm up again' : `Warm up ${shortName(model)}`
}

const shortName = (name: string) =>
  name.length > BUTTON_LETTERS ? `${name.slice(0, BUTTON_LETTERS - 1)}…` : name
