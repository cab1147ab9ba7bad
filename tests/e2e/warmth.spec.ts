import { expect, test } from '../support/e2e/fixtures.ts'

test('a cold model can be warmed up and unloaded beside the model picker, and the home follows', async ({
  bench,
  page,
  home,
}) => {
  const loaded = async () => {
    const { models } = (await (await fetch(`${home.url}/api/ps`)).json()) as {
      models: { name: string }[]
    }
    return models.map(({ name }) => name)
  }
  await bench.open()
  await page.getByLabel('Model', { exact: true }).selectOption('mistral:latest')
  await expect(page.getByText(/^Cold/)).toBeVisible()
  await page.getByRole('button', { name: 'Warm up' }).click()
  await expect(page.getByText(/^Loading, \d/)).toBeVisible()
  await expect(
    page.getByText(/^Loaded · 100 % on the GPU · context 4,096 · unloads in \d+ min/),
  ).toBeVisible({ timeout: 15_000 })
  expect(await loaded()).toContain('mistral:latest')
  await page.getByRole('button', { name: 'Unload' }).click()
  await expect(page.getByText(/^Cold · loads in ≈ \d/)).toBeVisible({ timeout: 15_000 })
  expect(await loaded()).not.toContain('mistral:latest')
})
