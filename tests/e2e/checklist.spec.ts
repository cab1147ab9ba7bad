import { expect, test } from '../support/e2e/fixtures.ts'

test('the bench of a healthy home shows ONLINE, the version and three models, and streams an answer without errors', async ({
  bench,
  page,
}) => {
  await bench.open()
  await expect(page).toHaveURL(/\/llm-test$/)
  await expect(page.getByRole('link', { name: 'LLM Test' })).toHaveAttribute('aria-current', 'page')

  const chip = page.getByRole('button', { name: 'ONLINE' })
  await expect(chip).toBeVisible({ timeout: 3000 })
  await expect(page.getByText('Service: ollama | Version: 0.12.11')).toBeVisible({ timeout: 3000 })

  await expect(page.getByRole('option')).toHaveCount(3)
  await expect(
    page.getByText('Available models: llama3.2:latest, mistral:latest, codellama:7b'),
  ).toBeVisible()
  await expect(page.getByRole('button', { name: /generate/i })).toHaveCount(1)

  await bench.ask('Why is the sky blue?')
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  const answer = page.getByRole('region', { name: 'Result' })
  await expect(answer).toContainText('The sky is blue')
  const early = (await answer.textContent())?.length ?? 0
  await expect(answer.getByText('Finished', { exact: true })).toBeVisible({ timeout: 15_000 })
  expect((await answer.textContent())?.length).toBeGreaterThan(early)
  await expect(answer.getByText('First token')).toBeVisible()
  await expect(answer).toContainText(/\d+\.\d tok\/s/)
})

test('the bench of a stopped home shows OFFLINE, explains a run that is tried anyway, and keeps the draft', async ({
  bench,
  page,
  home,
  complaints,
}) => {
  await home.setFault('refused')
  await bench.open()
  await expect(page.getByRole('button', { name: 'OFFLINE' })).toBeVisible({ timeout: 3000 })
  await expect(page.getByRole('heading', { name: 'The connection fails' })).toBeVisible()
  await expect(page.getByText(/Nothing seems to listen at/).first()).toBeVisible()

  const prompt = page.getByRole('textbox', { name: 'Prompt' })
  await prompt.fill('A draft that must survive')
  await expect(page.getByRole('button', { name: /generate/i })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Check again' })).toBeVisible()
  await page.getByRole('button', { name: 'Try anyway' }).click()
  await expect(page.getByRole('button', { name: 'Check again' })).toBeVisible({ timeout: 10_000 })
  await expect(page.getByRole('heading', { name: 'The connection fails' })).toBeVisible()
  // The owner made the failing request, so the browser may log it.
  expect(complaints.every((line) => /generate|503/.test(line))).toBe(true)
  complaints.length = 0

  await page.reload()
  await expect(prompt).toHaveValue('A draft that must survive')

  await home.setFault(null)
  await page.getByRole('button', { name: 'Check again' }).click()
  await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
})

test('the start page leads to the bench', async ({ page, server }) => {
  await page.goto(server.url)
  await expect(page).toHaveURL(/\/llm-test$/)
})
