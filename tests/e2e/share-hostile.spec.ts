import { expect, test } from './fixtures.ts'

const HOSTILE = `<script>fetch('https://evil.example/a')</script>
<img src=https://evil.example/b onerror=alert(1)> ![x](https://evil.example/c.png)
[run](javascript:alert(1)) [data](data:text/html,<script>1</script>) <svg onload=alert(1)>
<iframe src="https://evil.example/d"></iframe> \u202egnp.exe $\\href{https://evil.example/e}{x}$`

test('hostile words in a share stay words: nothing is loaded from elsewhere, nothing runs', async ({
  page,
  server,
  home,
}) => {
  await home.reset()
  const post = (path: string, body: object) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  const recipe = { model: 'llama3.2:latest', prompt: HOSTILE, system: HOSTILE }
  const { id } = (await (await post('/api/runs', recipe)).json()) as { id: string }
  await (await fetch(`${server.url}/api/runs/${id}/events`)).text()
  const share = { runs: [id], show: { system: true }, title: '</title><script>alert(1)</script>' }
  const { url } = (await (await post('/api/shares', share)).json()) as { url: string }
  await page.goto(url)
  await expect(page.getByRole('region', { name: 'The test' })).toContainText('onerror=alert(1)')
  // The fixtures fail the test for every request to elsewhere and every report of the content policy.
  await expect(page.locator('main :is(script, iframe, object, embed, form[action], img)')).toHaveCount(0)
  await expect(page.locator('main a[href^="javascript"], main a[href^="data"]')).toHaveCount(0)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('</title><script>alert(1)</script>')
})
