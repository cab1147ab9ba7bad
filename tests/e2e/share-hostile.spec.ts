import { expect, type Page } from '@playwright/test'
import type { RunDetail } from '../../src/lib/contract/runs.ts'
import { serve, type Served } from '../support/serve.ts'
import { test as base } from '../support/e2e/fixtures.ts'
import { CORPUS, MODEL, startHostileHome } from '../support/e2e/hostile-home.ts'

const test = base.extend<object, { server: Served }>({
  server: [
    async ({}, use) => {
      const home = await startHostileHome()
      const server = await serve({ OLLAMA_URL: home.url })
      await use(server)
      await server.stop()
      home.stop()
    },
    { scope: 'worker' },
  ],
})

/** The only elements that an answer may contain. */
const ALLOWED =
  'div header p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code span strong em del br hr a small table thead tbody tr th td svg use path button input section details summary'

/** Records violations of the page's content security policy. */
const watchPolicy = (page: Page) =>
  page.addInitScript(() => {
    const reports: string[] = []
    Object.assign(window, { reports })
    addEventListener('securitypolicyviolation', (event) =>
      reports.push(`${event.violatedDirective} ${event.blockedURI}`),
    )
  })

async function isHarmless(page: Page, width: number) {
  await expect(page.locator('.prose').last()).toContainText('deep')
  await expect(page.locator('.prose .katex').first()).toBeAttached()
  const found = await page.evaluate((allowed) => {
    const all = [...document.querySelectorAll('.prose *')]
    const elements = all.filter((one) => !one.closest('.katex')).map(({ localName }) => localName)
    const links = [...document.querySelectorAll<HTMLAnchorElement>('.prose a')]
    return {
      strange: [...new Set(elements)].filter((name) => !allowed.split(' ').includes(name)),
      active: document.querySelectorAll(
        'main :is(script, iframe, object, embed, form[action], img, link, meta, base, style, math, video)',
      ).length,
      handlers: [...document.querySelectorAll('main *')].flatMap((one) =>
        [...one.attributes]
          .filter(({ name }) => /^on|^style$|ping/.test(name))
          .filter(() => !one.closest('.katex')),
      ).length,
      hrefs: links
        .filter(({ protocol }) => !['https:', 'mailto:'].includes(protocol))
        .map(({ href }) => href),
      logins: links.filter(({ username, password }) => username || password).length,
      rels: [...new Set(links.map(({ rel, target }) => `${rel} ${target}`))],
      reports: (window as unknown as { reports: string[] }).reports,
      title: document.title,
      width: document.documentElement.scrollWidth,
      hidden: /[\u202a-\u202e\u2066-\u2069\u200b]/.test(
        document.querySelector('.prose code')?.textContent ?? '',
      ),
    }
  }, ALLOWED)
  expect(found).toMatchObject({
    strange: [],
    active: 0,
    handlers: 0,
    hrefs: [],
    logins: 0,
    reports: [],
    hidden: false,
  })
  expect(found.rels).toEqual(['noopener noreferrer nofollow _blank'])
  expect(found.title).not.toContain('owned')
  expect(found.width).toBeLessThanOrEqual(width)
}

const post = (url: string, body: object) =>
  fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

async function hostileRun({ url }: Served, recipe: object): Promise<string> {
  const { id } = (await (await post(`${url}/api/runs`, recipe)).json()) as { id: string }
  await (await fetch(`${url}/api/runs/${id}/events`)).text()
  const run = (await (await fetch(`${url}/api/runs/${id}`)).json()) as RunDetail
  expect([run.state, run.output.text === CORPUS]).toEqual(['done', true])
  return id
}

const TOOLS = [
  { type: 'function', function: { name: '<img src=x>', description: CORPUS.slice(0, 200) } },
]
const RECIPES = {
  'a prompt': { model: MODEL, prompt: CORPUS, system: CORPUS, think: true },
  'a conversation with tools': {
    model: MODEL,
    messages: [{ role: 'user', content: CORPUS }],
    tools: TOOLS,
  },
} as const

// The fixtures fail a test for every request to another origin, exception and browser warning.
for (const [what, recipe] of Object.entries(RECIPES)) {
  test(`a hostile answer to ${what} stays plain text in a share`, async ({ page, server }) => {
    await watchPolicy(page)
    await page.setViewportSize({ width: 390, height: 800 })
    const run = await hostileRun(server, recipe)
    const title = '</title><script>alert(1)</script>\u202e'
    const share = { runs: [run], title, show: { system: true, thinking: true, images: true } }
    const { url } = (await (await post(`${server.url}/api/shares`, share)).json()) as {
      url: string
    }
    await page.goto(url)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(
      '</title><script>alert(1)</script>',
    )
    await expect(page.locator('.tag').first()).toContainText('[U+202E]gpj')
    if ('tools' in recipe)
      await expect(page.getByLabel('Tool calls')).toContainText('<svg onload=alert(1)>[U+202E]')
    else await page.getByText('Thought').click()
    await isHarmless(page, 390)
  })

  test(`a hostile answer to ${what} stays plain text in the history`, async ({ page, server }) => {
    await watchPolicy(page)
    await page.setViewportSize({ width: 390, height: 800 })
    await page.goto(`${server.url}/runs#${await hostileRun(server, recipe)}`)
    await expect(page.getByRole('heading', { level: 2 }).first()).toContainText('[U+202E]gpj')
    await isHarmless(page, 390)
  })
}

test('a hostile answer stays plain text on the bench', async ({ page, server }) => {
  await watchPolicy(page)
  await page.setViewportSize({ width: 390, height: 800 })
  await page.goto(`${server.url}/llm-test`)
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Say it')
  await page.getByRole('button', { name: /Generate/ }).click()
  await expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 20_000 })
  await isHarmless(page, 390)
})
