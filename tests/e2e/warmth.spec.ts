import { expect, test } from '../support/e2e/fixtures.ts'

test('a cold model is warmed up beside the picker, shows how it is loaded, and is let go of again', async ({
  bench,
  page,
}) => {
  await bench.open()
  await page.getByLabel('Model').selectOption('mistral:latest')
  await expect(page.getByText(/^Cold/)).toBeVisible()
  await page.getByRole('button', { name: 'Warm up' }).click()
  await expect(page.getByText(/^Loading, \d/)).toBeVisible()
  await expect(
    page.getByText(/^Loaded · 100 % on the GPU · context 4,096 · goes in \d+ min/),
  ).toBeVisible({ timeout: 15_000 })
  await page.getByRole('button', { name: 'Unload' }).click()
  await expect(page.getByText(/^Cold · loads in ≈ \d/)).toBeVisible({ timeout: 15_000 })
})
