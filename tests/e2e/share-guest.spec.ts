import { expect, test } from '../support/e2e/fixtures.ts'

const MODEL = 'llama3.2:latest'

/** A separate server whose owner has run nothing, so guests need not wait. */
test.use({ homeOptions: { tokensPerSecond: 20, loadMs: 1500 } })

test('a guest sees the progress of their run, and how many runs are left', async ({
  page,
  server,
  home,
}) => {
  const post = (path: string, body: object, more: Record<string, string> = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...more },
      body: JSON.stringify(body),
    })
  const json = async <Body>(answer: Promise<Response>) => (await (await answer).json()) as Body
  const { token } = await json<{ token: string }>(
    post('/api/tokens', { name: 'x', scopes: ['runs:write'] }),
  )
  const { id } = await json<{ id: string }>(
    post('/api/runs', { model: MODEL, prompt: 'Count to 2' }, { Authorization: `Bearer ${token}` }),
  )
  await (await fetch(`${server.url}/api/runs/${id}/events`)).text()
  await post('/api/unload', { model: MODEL })
  const { url } = await json<{ url: string }>(
    post('/api/shares', { runs: [id], pass: { runs: 2, models: [MODEL, 'mistral:latest'] } }),
  )
  await page.goto(url)
  await page.getByLabel('Prompt').fill('Count to 60')
  await page.getByRole('combobox', { name: 'Model' }).selectOption('mistral:latest')
  await page.getByRole('button', { name: 'Run it again (2 left)' }).click()
  const mine = page.getByRole('region', { name: 'Your run' })
  await expect(mine.getByRole('status').first()).toContainText('Loading the model')
  await expect(mine.locator('.phases .now')).toContainText('load')
  await expect(mine.getByRole('status').first()).toContainText('Answering')
  await expect(mine.locator('.phases .now')).toContainText(/answer0?\.\d/)
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toBeDisabled()
  await page.getByRole('button', { name: 'Stop my run' }).click()
  await expect(mine.getByRole('status').first()).toContainText('You stopped it')
  await expect(mine).toContainText('1 2 3')
  await expect(page.getByRole('button', { name: 'Run it again (1 left)' })).toBeVisible()
  expect(home.asked().findLast(({ path }) => path === '/api/generate')?.body).toContain('mistral')
})
