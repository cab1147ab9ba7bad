import { expect, test } from '../support/e2e/fixtures.ts'

const result = 'Result'

test('the answer grows while it streams, and Stop keeps the received text and ends the request at home', async ({
  bench,
  page,
  home,
}) => {
  await bench.open()
  await bench.ask('Count to 3000')
  const answer = page.getByRole('region', { name: result })
  await expect(answer).toContainText('1 2 3')
  await page.getByRole('button', { name: 'Stop' }).click()
  await expect(answer.getByText('Stopped', { exact: true })).toBeVisible()
  await expect(answer).toContainText('1 2 3')
  await expect
    .poll(() => home.asked().find(({ path }) => path === '/api/generate')?.endedBy, {
      timeout: 2000,
    })
    .toBe('client_left')
})

test('Ctrl+Enter generates and Escape stops', async ({ bench, page, home }) => {
  await bench.open()
  // Keys work only after the scripts have run.
  await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Count to 3000')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  await expect(page.getByRole('region', { name: result })).toContainText('1 2 3')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Generate' })).toBeVisible()
  await expect
    .poll(() => home.asked().find(({ path }) => path === '/api/generate')?.endedBy)
    .toBe('client_left')
})

test('the bench shows that a cold model loads, and for how long', async ({ bench, page }) => {
  await bench.open()
  await page.getByLabel('Model', { exact: true }).selectOption('mistral:latest')
  await bench.ask('Hello')
  await expect(page.getByText(/Loading the model mistral:latest, [1-9] s/)).toBeVisible()
  await expect(
    page.getByRole('region', { name: result }).getByText('cold', { exact: true }),
  ).toBeVisible({
    timeout: 10_000,
  })
})

test('the draft and the answer survive a reload', async ({ bench, page }) => {
  await bench.open()
  await bench.ask('Write a haiku')
  await expect(page.getByText('Finished', { exact: true })).toBeVisible()
  const receipt = page.getByRole('region', { name: 'Receipt' })
  await expect(receipt).toContainText(/of 4,096/)
  await expect(receipt).toContainText('GPU 100 %')
  await receipt.getByText('Where the time went').click()
  await expect(receipt.getByRole('term')).toContainText(['prompt', 'answer', 'total', 'overhead'])
  const told = (await receipt.textContent()) ?? ''
  await page.reload()
  await expect(receipt).toHaveText(told)
  await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Write a haiku')
  await expect(page.getByRole('region', { name: result })).toContainText('Somebody comes home.')
})

test('a reload during a run resumes the answer and shows all of it at the end', async ({
  bench,
  page,
  home,
}) => {
  await bench.open()
  await bench.ask('Count to 500')
  const answer = page.getByRole('region', { name: result })
  await expect(answer).toContainText(' 60 ', { timeout: 15_000 })
  await page.reload()
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible()
  await expect(answer).toContainText('1 2 3')
  await expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 15_000 })
  // The end of the answer may be painted a moment after “Finished”.
  await expect(answer.locator('.body')).toContainText(/\b500\b/)
  const numbers = (await answer.locator('.body').innerText()).match(/\d+/g)?.map(Number) ?? []
  expect(numbers.filter((each, nth) => each !== nth + 1)).toEqual([])
  expect(numbers).toHaveLength(500)
  expect(home.asked().filter(({ path }) => path === '/api/generate')).toHaveLength(1)
})

test('the token rate after a reload is the rate of the home, not the rate of catching up', async ({
  bench,
  page,
}) => {
  await bench.open()
  await bench.ask('Count to 900')
  const answer = page.getByRole('region', { name: result })
  await expect(answer).toContainText(' 150 ', { timeout: 15_000 })
  await page.reload()
  const rate = page.getByText(/tok\/s/)
  await expect(rate).toBeVisible()
  // The home generates about 120 tokens a second.
  expect(parseFloat(await rate.innerText())).toBeLessThan(300)
  await page.getByRole('button', { name: 'Stop' }).click()
})

test('a current fault is shown above an earlier answer', async ({
  bench,
  page,
  home,
  complaints,
}) => {
  await bench.open()
  await bench.ask('Write a haiku')
  await expect(page.getByText('Finished', { exact: true })).toBeVisible()
  await home.setFault('cloudflared_offline')
  await bench.open()
  const fault = await page.getByRole('heading', { name: 'Tunnel is down' }).boundingBox()
  const earlier = await page.getByText('Finished', { exact: true }).boundingBox()
  expect(fault?.y).toBeLessThan(earlier?.y ?? 0)
  complaints.length = 0
})

test('a run continues while no page is open', async ({ bench, page, home, server }) => {
  await bench.open()
  await bench.ask('Count to 200')
  await expect(page.getByRole('region', { name: result })).toContainText('1 2 3')
  await page.goto('about:blank')
  await expect
    .poll(() => home.asked().find(({ path }) => path === '/api/generate')?.endedBy, {
      timeout: 10_000,
    })
    .toBe('answered')
  await page.goto(`${server.url}/llm-test`)
  await expect(page.getByText('Finished', { exact: true })).toBeVisible()
  await expect(page.getByRole('region', { name: result })).toContainText(' 200')
})

test('text that is typed before the scripts have run is not lost', async ({
  bench,
  page,
  home,
}) => {
  // The scripts arrive late, as on a slow connection.
  await page.route('**/_app/**/*.js', async (route) => {
    await new Promise((resume) => setTimeout(resume, 1500))
    await route.continue()
  })
  void bench.open()
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Typed early')
  await bench.generate()
  await expect(page.getByText('Finished', { exact: true })).toBeVisible({ timeout: 10_000 })
  expect(home.asked().find(({ path }) => path === '/api/generate')?.body).toContain('Typed early')
})

test('the bench sends only changed options', async ({ bench, page, home }) => {
  await bench.open()
  await page.getByText('Options', { exact: true }).click()
  await page.getByLabel('temperature').fill('0,2')
  await page.getByLabel('seed').fill('7')
  await bench.ask('Hello')
  await expect(page.getByText('Finished', { exact: true })).toBeVisible()
  const sent = home.asked().find(({ path }) => path === '/api/generate')
  const { options } = JSON.parse(sent?.body ?? '') as { options: unknown }
  expect(options).toEqual({ temperature: 0.2, seed: 7 })
})

test('an empty prompt, an invalid option and a prompt of a megabyte are reported before anything is sent', async ({
  bench,
  page,
  home,
}) => {
  await bench.open()
  await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
  home.forget()
  const prompt = page.getByRole('textbox', { name: 'Prompt' })
  await bench.generate()
  await expect(page.getByRole('alert')).toHaveText('Write something first.')
  await expect(prompt).toBeFocused()

  await page.getByText('Options', { exact: true }).click()
  await page.getByLabel('num_ctx').fill('big')
  await bench.ask('Hello')
  await expect(page.getByLabel('num_ctx')).toBeFocused()
  await expect(page.getByText('num_ctx must be a whole number.')).toBeVisible()
  await page.getByLabel('num_ctx').fill('')

  const megabyte = 'a'.repeat(1_048_576)
  await bench.ask(megabyte)
  await expect(page.getByRole('alert')).toContainText(/1,0\d\d,\d\d\d bytes/)
  expect((await prompt.inputValue()).length).toBe(megabyte.length)
  expect(home.asked().filter(({ path }) => path === '/api/generate')).toEqual([])
})

test('a run of a model that was removed after it was listed is refused with the model’s name and the fix', async ({
  bench,
  page,
  home,
  complaints,
}) => {
  await bench.open()
  await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
  await home.setFault('model_removed')
  await bench.ask('Hello')
  await expect(
    page.getByRole('heading', { name: 'The model is not on your home machine' }),
  ).toBeVisible()
  await expect(page.getByText('ollama pull llama3.2:latest')).toBeVisible()
  expect(home.asked().filter(({ path }) => path === '/api/generate')).toHaveLength(1)
  complaints.length = 0
})

const BREAKS = [
  ['stream_cut', 'The connection broke in the middle'],
  ['stream_ends_early', 'ended without its last line'],
  ['stream_error_line', 'stopped before its answer was complete'],
  ['stream_garbage_line', 'could not be read'],
] as const

for (const [fault, sentence] of BREAKS) {
  test(`a run under ${fault} keeps the received text, and the page explains the failure`, async ({
    bench,
    page,
    home,
  }) => {
    await bench.open()
    await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
    await home.setFault(fault)
    await bench.ask('Count to 12')
    await expect(page.getByText(sentence)).toBeVisible()
    await expect(page.getByRole('region', { name: result })).toContainText('1 2 3')
    await expect(page.getByText('Failed', { exact: true })).toBeVisible()
    await expect(page.getByRole('textbox', { name: 'Prompt' })).toHaveValue('Count to 12')
  })
}

test('HTML in place of an answer is explained as blocked access', async ({
  bench,
  page,
  home,
  complaints,
}) => {
  await bench.open()
  await expect(page.getByRole('button', { name: 'ONLINE' })).toBeVisible()
  await home.setFault('stream_html')
  await bench.ask('Hello')
  await expect(page.getByRole('heading', { name: 'Access is blocked' })).toBeVisible()
  expect(home.asked().filter(({ path }) => path === '/api/generate')).toHaveLength(1)
  complaints.length = 0
})

test('the chip opens the ladder with the keyboard, and Escape closes it', async ({
  bench,
  page,
  home,
}) => {
  await home.setFault('cloudflared_offline')
  await bench.open()
  await page.getByRole('button', { name: 'OFFLINE' }).focus()
  await page.keyboard.press('Enter')
  const ladder = page.getByRole('dialog', { name: 'State of the home' })
  await expect(ladder).toBeVisible()
  await expect(ladder.getByText('dark')).toBeVisible()
  await expect(ladder.getByText('not reached')).toHaveCount(3)
  await page.keyboard.press('Escape')
  await expect(ladder).toBeHidden()
})
