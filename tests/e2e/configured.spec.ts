import { expect, test } from '@playwright/test'
import { serve } from '../support/serve.ts'

test('a malformed OLLAMA_URL gives a page that says what is wrong and how to set it', async ({
  page,
}) => {
  const server = await serve({ OLLAMA_URL: '"http://127.0.0.1:11434"' })
  try {
    await page.goto(`${server.url}/llm-test`)
    await expect(page.getByRole('button', { name: 'NO HOME' })).toBeVisible()
    await expect(page.getByText('OLLAMA_URL has quotation marks around it').first()).toBeVisible()
    await expect(page.getByText(/OLLAMA_URL=https/).first()).toBeVisible()
    await expect(page.getByRole('button', { name: 'I have set it: check' })).toBeVisible()
    const health = await page.request.get(`${server.url}/api/health?code=200`)
    expect(await health.json()).toMatchObject({ cause: 'not_configured', reason: 'url_quoted' })
  } finally {
    await server.stop()
  }
})

test('the demo home says that its answers are scripted', async ({ page }) => {
  const server = await serve({ PORCHLIGHT_DEMO: '1' })
  try {
    expect(server.demo).toBe(true)
    expect(server.said()).toContain('answers are scripted')
    await page.goto(server.url)
    await expect(page.getByText('Demo home: answers are scripted.')).toBeVisible()
    await page.getByRole('button', { name: 'Connect yours' }).click()
    await expect(page.getByText('ollama serve')).toBeVisible()
  } finally {
    await server.stop()
  }
})

test('a page whose own server is gone says that the state of the home is unknown', async ({
  page,
}) => {
  const server = await serve({ PORCHLIGHT_DEMO: '1' })
  await page.goto(`${server.url}/llm-test`)
  await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
  await server.stop()
  await page.getByRole('button', { name: /ONLINE|UNKNOWN/ }).click()
  await page.getByRole('button', { name: 'Check now' }).click()
  await expect(page.getByRole('button', { name: 'UNKNOWN' })).toBeVisible()
  await expect(page.getByText('cannot reach Porchlight itself').first()).toBeVisible()
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
})
