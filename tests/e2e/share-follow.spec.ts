import { startHome } from '../../simulator/home.ts'
import { startFlakyProxy, type FlakyProxy } from '../support/e2e/flaky-proxy.ts'
import { expect, test as base } from '../support/e2e/fixtures.ts'
import { serve } from '../support/serve.ts'

const MODEL = 'llama3.2:latest'

/** A server of its own behind a proxy that breaks connections. */
const test = base.extend<object, { flaky: FlakyProxy }>({
  home: [
    async ({}, use) => {
      const home = await startHome({ tokensPerSecond: 20, loadMs: 100 })
      await use(home)
      await home.stop()
    },
    { scope: 'worker' },
  ],
  server: [
    async ({ home }, use) => {
      const server = await serve({ OLLAMA_URL: home.url })
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
  flaky: [
    async ({ server }, use) => {
      const proxy = await startFlakyProxy(server.url)
      await use(proxy)
      proxy.stop()
    },
    { scope: 'worker' },
  ],
})

/** A link, at the address of the proxy, whose guests may run the prompt again. A token’s runs do not delay guests. */
async function createLink(serverUrl: string, proxyUrl: string): Promise<string> {
  const post = async <Body>(path: string, body: object, more: Record<string, string> = {}) => {
    const headers = { 'Content-Type': 'application/json', ...more }
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    return (await (await fetch(serverUrl + path, init)).json()) as Body
  }
  const request = { name: 'x', scopes: ['runs:write'] }
  const { token } = await post<{ token: string }>('/api/tokens', request)
  const recipe = { model: MODEL, prompt: 'Count to 2' }
  const authorization = { Authorization: `Bearer ${token}` }
  const { id } = await post<{ id: string }>('/api/runs', recipe, authorization)
  await (await fetch(`${serverUrl}/api/runs/${id}/events`)).text()
  const share = { runs: [id], pass: { runs: 3 } }
  return (await post<{ url: string }>('/api/shares', share)).url.replace(serverUrl, proxyUrl)
}

const numbers = (count: number) => Array.from({ length: count }, (_, nth) => nth + 1).join(' ')

test('a guest’s run survives a lost connection and server failures', async ({
  page,
  server,
  home,
  flaky,
  complaints,
}) => {
  await page.goto(await createLink(server.url, flaky.url))
  home.forget()
  await page.getByLabel('Prompt').fill('Count to 60')
  await page.getByRole('button', { name: 'Run it again (3 left)' }).click()
  const mine = page.getByRole('region', { name: 'Your run' })
  await expect(mine).toContainText('1 2 3', { timeout: 20_000 })
  flaky.breakEvents([503, 500, 429])
  await expect(mine.getByText('No connection to Porchlight')).toBeVisible()
  await expect(mine.getByRole('status').first()).toContainText('Finished', { timeout: 20_000 })
  await expect(mine).toContainText(numbers(60))
  await expect(mine.getByText('No connection to Porchlight')).toBeHidden()
  expect(home.asked().filter(({ path }) => path === '/api/generate')).toHaveLength(1)
  complaints.length = 0
})

test('a guest who edits the prompt after a failed attempt gets a run of the new prompt', async ({
  page,
  server,
  home,
  flaky,
  complaints,
}) => {
  await page.goto(await createLink(server.url, flaky.url))
  home.forget()
  flaky.loseStarts(true)
  await page.getByLabel('Prompt').fill('Count to 4')
  await page.getByRole('button', { name: /Run it again/ }).click()
  const mine = page.getByRole('region', { name: 'Your run' })
  await expect(mine).toContainText('cannot reach Porchlight')
  flaky.loseStarts(false)
  await page.getByLabel('Prompt').fill('Count to 7')
  await page.getByRole('button', { name: /Run it again/ }).click()
  await expect(mine.getByRole('status').first()).toContainText('Finished', { timeout: 20_000 })
  await expect(mine).toContainText(numbers(7))
  complaints.length = 0
})

test('a guest who repeats a request whose answer was lost gets the run that it started', async ({
  page,
  server,
  home,
  flaky,
  complaints,
}) => {
  await page.goto(await createLink(server.url, flaky.url))
  home.forget()
  flaky.loseStarts(true)
  await page.getByLabel('Prompt').fill('Count to 5')
  await page.getByRole('button', { name: /Run it again/ }).click()
  const mine = page.getByRole('region', { name: 'Your run' })
  await expect(mine).toContainText('cannot reach Porchlight')
  flaky.loseStarts(false)
  await page.getByRole('button', { name: /Run it again/ }).click()
  await expect(mine.getByRole('status').first()).toContainText('Finished', { timeout: 20_000 })
  await expect(mine).toContainText(numbers(5))
  expect(home.asked().filter(({ path }) => path === '/api/generate')).toHaveLength(1)
  complaints.length = 0
})
