import type { Page } from '@playwright/test'
import { DEMO_MODELS, type Model } from '../../simulator/models.ts'
import { axeOn } from '../support/e2e/accessible.ts'
import { expect, test } from '../support/e2e/fixtures.ts'

const [first] = DEMO_MODELS
const like = (name: string, part: Partial<Model>): Model => ({
  ...first,
  name,
  digest: name.padEnd(64, '0'),
  ...part,
})

/** One model for each input; the first one of the demo home stays the default. */
const MODELS: readonly Model[] = [
  first,
  like('seer:latest', { capabilities: ['completion', 'vision', 'tools'] }),
  like('thinker:latest', { capabilities: ['completion', 'thinking'] }),
  like('gpt-oss:20b', { capabilities: ['completion', 'thinking', 'tools'], family: 'gptoss' }),
]

test.use({ homeOptions: { tokensPerSecond: 300, loadMs: 1, models: MODELS } })

const choose = (page: Page, model: string) =>
  page.getByLabel('Model', { exact: true }).selectOption(model)
const finished = (page: Page) =>
  expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 10_000 })

/** A real PNG, drawn by the browser, as it comes from the clipboard. */
async function paste(page: Page, width: number, height: number) {
  await page.getByRole('textbox', { name: 'Prompt' }).evaluate(
    async (field, { width, height }) => {
      const canvas = document.createElement('canvas')
      Object.assign(canvas, { width, height })
      const ground = canvas.getContext('2d')
      ground?.fillRect(0, 0, width / 2, height)
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve))
      const data = new DataTransfer()
      data.items.add(new File([blob ?? ''], 'screen.png', { type: 'image/png' }))
      field.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      )
    },
    { width, height },
  )
}

test('a pasted image is scaled down, shown with its size, kept after a reload, and sent', async ({
  bench,
  page,
  home,
}) => {
  await bench.open()
  await expect(page.getByText('Add images')).toBeHidden()
  await choose(page, 'seer:latest')
  await expect(page.getByText('Add images')).toBeVisible()
  await paste(page, 3200, 800)
  await expect(page.getByText('1600 × 400')).toBeVisible()
  await expect(page.getByText(/\d kB will be sent/)).toBeVisible()
  await page.reload()
  await expect(page.getByRole('img', { name: 'screen.png' })).toBeVisible()
  await bench.ask('What is this?')
  await finished(page)
  const body = JSON.parse(
    home.asked().findLast(({ path }) => path === '/api/generate')?.body ?? '',
  ) as {
    images: string[]
  }
  const png = Buffer.from(body.images[0] ?? '', 'base64')
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1600, 400])
  await page.getByRole('button', { name: 'Remove screen.png' }).click()
  await expect(page.getByRole('img', { name: 'screen.png' })).toBeHidden()
})

test('a file that the browser cannot read as an image is rejected with an explanation', async ({
  bench,
  page,
}) => {
  await bench.open()
  await choose(page, 'seer:latest')
  await page
    .locator('input[type=file][multiple]')
    .setInputFiles({ name: 'IMG_1.HEIC', mimeType: 'image/heic', buffer: Buffer.from('no') })
  await expect(page.getByRole('alert')).toContainText('HEIC')
})

test('the model decides whether thinking is a switch or has levels, and only a change is sent', async ({
  bench,
  page,
  home,
}) => {
  const sent = () =>
    JSON.parse(
      home.asked().findLast(({ path }) => path === '/api/generate')?.body ?? '{}',
    ) as object
  await bench.open()
  await expect(page.getByRole('radiogroup', { name: 'Thinking' })).toBeHidden()
  await choose(page, 'thinker:latest')
  await bench.ask('Hello')
  await finished(page)
  expect(sent()).not.toHaveProperty('think')
  await page.getByText('off', { exact: true }).click()
  await bench.generate()
  await expect.poll(sent).toMatchObject({ think: false })
  await finished(page)
  await choose(page, 'gpt-oss:20b')
  await expect(page.getByText('off', { exact: true })).toBeHidden()
  await page.getByText('high', { exact: true }).click()
  await bench.generate()
  await expect.poll(sent).toMatchObject({ model: 'gpt-oss:20b', think: 'high' })
})

test('a tool call is shown and answered by hand, and the conversation continues', async ({
  bench,
  page,
  home,
}) => {
  await bench.open()
  await page.getByText('Tools', { exact: true }).click()
  const tools = page.getByRole('textbox', { name: 'Tools, as JSON' })
  await tools.fill('[{"type": "function",\n "function": }]')
  await expect(page.locator('#tools-note')).toContainText('Line 2, column 14')
  await tools.fill('')
  await page.getByRole('button', { name: 'Insert an example' }).click()
  await bench.ask('What is the weather in Bern?')
  const calls = page
    .getByRole('region', { name: 'Result' })
    .getByRole('list', { name: 'Tool calls' })
  await expect(calls).toContainText('get_weather')
  await expect(calls).toContainText('Bern')
  await page.getByRole('button', { name: 'Type the tool’s answer' }).click()
  await bench.generate()
  await expect(page.getByRole('alert')).toHaveText('Type the answer of get_weather.')
  await page.getByRole('textbox', { name: 'Tool, 3' }).fill('18 degrees, rain')
  await bench.generate()
  await expect(page.locator('.prose')).toContainText('The tool answered: 18 degrees, rain')
  const { messages } = JSON.parse(
    home.asked().findLast(({ path }) => path === '/api/chat')?.body ?? '',
  ) as {
    messages: object[]
  }
  expect(messages).toMatchObject([
    { role: 'user', content: 'What is the weather in Bern?' },
    {
      role: 'assistant',
      tool_calls: [{ function: { name: 'get_weather', arguments: { city: 'Bern' } } }],
    },
    { role: 'tool', tool_name: 'get_weather', content: '18 degrees, rain' },
  ])
  await page.reload()
  await expect(page.getByRole('textbox', { name: 'Tool, 3' })).toHaveValue('18 degrees, rain')
})

test('continuing a run uses its own recipe, and a newer draft can be restored', async ({
  bench,
  page,
  home,
}) => {
  await bench.open()
  await page.getByText('Options', { exact: true }).click()
  await page.getByLabel('seed').fill('7')
  await bench.ask('Write a haiku')
  await finished(page)
  await choose(page, 'seer:latest')
  await page.getByRole('textbox', { name: 'Prompt' }).fill('My own words')
  await page.getByRole('button', { name: 'Continue from here' }).click()
  await expect(page.getByLabel('Model', { exact: true })).toHaveValue('llama3.2:latest')
  await bench.ask('Another one')
  await expect.poll(() => home.asked().some(({ path }) => path === '/api/chat')).toBe(true)
  expect(
    JSON.parse(home.asked().findLast(({ path }) => path === '/api/chat')?.body ?? ''),
  ).toMatchObject({
    model: 'llama3.2:latest',
    options: { seed: 7 },
    messages: [{ content: 'Write a haiku' }, { role: 'assistant' }, { content: 'Another one' }],
  })
  await finished(page)
  await page.getByRole('button', { name: 'Restore it' }).click()
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('My own words')
})

test('an answer is checked against its schema, and an answer at the token limit is explained', async ({
  bench,
  page,
}) => {
  await bench.open()
  await page.getByText('Answer format', { exact: true }).first().click()
  await page.getByText('A schema', { exact: true }).click()
  const schema = page.getByRole('textbox', { name: 'JSON Schema' })
  await schema.fill(
    '{"type": "object", "properties": {"city": {"type": "string", "maxLength": 2}}, "contentEncoding": "base64"}',
  )
  await expect(page.locator('#schema-note')).toContainText(
    'Keywords that are not checked here: contentEncoding',
  )
  await bench.ask('Where is Bern?')
  const checked = page
    .getByRole('region', { name: 'Result' })
    .getByRole('region', { name: 'Answer format' })
  await expect(checked).toContainText(
    'city must be at most 2 characters long, line 2: "city": "Bern"',
  )
  // The page shows the lines that the violations name.
  await expect(page.locator('.prose pre')).toHaveText(/^\{\n {2}"city": "Bern"\n\}$/, {
    useInnerText: true,
  })
  await page.getByText('Options', { exact: true }).click()
  await page.getByLabel('num_predict').fill('3')
  await bench.generate()
  await expect(checked).toContainText('not JSON')
  await expect(page.getByRole('region', { name: 'Cut off by the token limit' })).toBeVisible()
})

test('the probability of each token can be viewed on the bench, after a reload and in the history', async ({
  bench,
  page,
}) => {
  await bench.open()
  await page.getByText('Runtime', { exact: true }).click()
  await page.getByText('Probabilities', { exact: true }).click()
  await bench.ask('Hello')
  const rows = page.getByRole('region', { name: 'Where it was least sure' }).getByRole('row')
  const look = () => page.getByText('How sure it was', { exact: true }).click()
  await look()
  await expect(rows).not.toHaveCount(0)
  const all = await rows.allTextContents()
  await page.reload()
  await look()
  await expect(rows).toHaveText(all)
  await page.getByRole('link', { name: 'kept under Runs' }).click()
  await look()
  await expect(rows).toHaveText(all)
})

for (const width of [320, 1280]) {
  test(`a bench with every section open passes axe and does not overflow at ${width} px`, async ({
    bench,
    page,
  }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 900 })
    await bench.open()
    await choose(page, 'seer:latest')
    await paste(page, 40, 30)
    await page.getByText('Tools', { exact: true }).click()
    await page.getByRole('button', { name: 'Insert an example' }).click()
    await page.getByText('Runtime', { exact: true }).click()
    await page.getByText('Probabilities', { exact: true }).click()
    await bench.ask('What is the weather in Tokyo?')
    await page.getByRole('button', { name: 'Type the tool’s answer' }).click()
    await page.evaluate(() =>
      document.querySelectorAll('details').forEach((fold) => (fold.open = true)),
    )
    await page.getByText('A schema', { exact: true }).click()
    await expect(page.getByRole('textbox', { name: 'JSON Schema' })).toBeVisible()
    const { violations } = await axeOn(page).analyze()
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    ).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      width,
    )
  })
}

test('a hostile answer of code, maths, links and images stays text, makes no request, and shows its real links', async ({
  bench,
  page,
  complaints,
}) => {
  // The scripted home quotes the first 160 characters of an unknown prompt.
  const answer = page.locator('.prose')
  await bench.open()
  await bench.ask(
    '`a\u202eb` $\\href{javascript:alert(1)}{x^2}$ $\\fbox{a_b}$ and it costs $5 and $6',
  )
  await finished(page)
  await expect(answer).toContainText('a[U+202E]b')
  await expect(answer).toContainText('it costs $5 and $6')
  await expect(answer.locator('.katex')).not.toHaveCount(0)
  expect(await answer.locator('a, math, [style*="javascript"]').count()).toBe(0)
  await bench.ask('$\\gdef\\a{\\a\\a}\\a^2$ $\\includegraphics{https://evil.example/a_b.png}$')
  await finished(page)
  await expect(answer).toContainText('gdef')
  expect(await answer.locator('img').count()).toBe(0)
  await bench.ask(
    '![pixel](https://evil.example/p.png) [bank.example](https://evil.example/?q) <https://xn--pple-43d.com>',
  )
  await finished(page)
  await expect(answer.locator('.remote')).toContainText('https://evil.example/p.png')
  await expect(answer.getByRole('link', { name: 'bank.example (evil.example)' })).toBeVisible()
  expect(await answer.locator('img').count()).toBe(0)
  expect(complaints).toEqual([])
})

test('a very long paragraph is shown in parts without losing any of it', async ({
  bench,
  page,
}) => {
  await bench.open()
  await bench.ask('Count to 2500')
  await expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 25_000 })
  const parts = page.locator('.prose p')
  await expect(parts.last()).toContainText(' 2500')
  const texts = await parts.allTextContents()
  expect(texts.length).toBeGreaterThan(1)
  expect(texts.join(' ').match(/\d+/g)?.map(Number)).toEqual(
    Array.from({ length: 2500 }, (_, nth) => nth + 1),
  )
})

test('the end of an answer stays visible until the user scrolls up, and again after Follow', async ({
  bench,
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 700 })
  await bench.open()
  await bench.ask('Count to 3000')
  const gap = () =>
    page.evaluate(() => document.documentElement.scrollHeight - window.innerHeight - window.scrollY)
  await expect
    .poll(() => page.evaluate(() => window.scrollY), { timeout: 10_000 })
    .toBeGreaterThan(200)
  expect(await gap()).toBeLessThan(200)
  await page.mouse.move(200, 300)
  await page.mouse.wheel(0, -150)
  await expect(page.getByRole('button', { name: 'Follow' })).toBeVisible()
  // Scrolling by wheel continues for a moment.
  await page.waitForTimeout(500)
  const y = await page.evaluate(() => window.scrollY)
  await page.waitForTimeout(800)
  expect(Math.abs((await page.evaluate(() => window.scrollY)) - y)).toBeLessThan(120)
  await page.getByRole('button', { name: 'Follow' }).click()
  await expect.poll(gap).toBeLessThan(200)
  await expect(page.getByRole('button', { name: 'Follow' })).toBeHidden()
  await page.getByRole('button', { name: 'Stop' }).click()
})
