import { serve } from '../support/serve.ts'
import { axeOn } from '../support/e2e/accessible.ts'
import { expect, test } from '../support/e2e/fixtures.ts'

test('a pull shows its progress, and a delete asks for confirmation', async ({
  page,
  home,
  complaints,
}) => {
  const server = await serve({ OLLAMA_URL: home.url, ALLOW_MODEL_ADMIN: '1' })
  try {
    await page.goto(`${server.url}/models`)
    await expect(page.getByText('llama3.2:latest')).toBeVisible()
    await page.getByLabel('Pull a model').fill('qwen3:4b')
    await page.getByRole('button', { name: 'Pull', exact: true }).click()
    await expect(page.getByRole('progressbar', { name: 'Pulling qwen3:4b' })).toBeVisible()
    await expect(page.getByText('qwen3:4b is installed.')).toBeVisible()
    await page.getByRole('button', { name: 'Delete qwen3:4b' }).click()
    await expect(page.getByRole('button', { name: 'Keep' })).toBeFocused()
    expect((await axeOn(page).analyze()).violations).toEqual([])
    await page.getByRole('button', { name: 'Delete for good' }).click()
    await expect(page.getByText('qwen3:4b is deleted.')).toBeVisible()
    await page.getByLabel('Pull a model').fill('huge:70b')
    await page.getByRole('button', { name: 'Pull', exact: true }).click()
    await expect(page.getByRole('alert')).toContainText('disk at home is full')
  } finally {
    await page.goto('about:blank')
    // The complaints fixture watches another server.
    complaints.splice(
      0,
      complaints.length,
      ...complaints.filter((one) => !one.includes(server.url)),
    )
    await server.stop()
    await home.reset()
  }
})

test('a page that may not change models says how to allow it', async ({ page, server }) => {
  await page.goto(`${server.url}/models`)
  await expect(page.getByText('ALLOW_MODEL_ADMIN=1')).toBeVisible()
  await expect(page.getByRole('button', { name: /Delete|Pull/ })).toHaveCount(0)
  expect((await axeOn(page).analyze()).violations).toEqual([])
})
