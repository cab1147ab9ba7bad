import { afterEach, describe, expect, test } from 'vitest'
import { STORY, ask, loaded, loadedNames, post, sleep, textOf, until } from './ask-home.ts'
import { startHome } from './home.ts'
import type { Home, HomeOptions } from './home.ts'
import { OTHER_MODELS } from './models.ts'

const LONG_LOAD_MS = 60_000

let home: Home
afterEach(() => home.stop())

async function start(options: HomeOptions = {}): Promise<Home> {
  home = await startHome({ loadMs: 1, tokensPerSecond: 20_000, ...options })
  return home
}

describe('generations', () => {
  test('a simulated generation can reach two thousand lines a second', async () => {
    await start({ tokensPerSecond: 2000 })
    const from = performance.now()
    const lines = await ask(home, { model: 'llama3.2', prompt: 'Count to 1000.' })
    const perSecond = (lines.length * 1000) / (performance.now() - from)
    expect(perSecond).toBeGreaterThan(1200)
    expect(perSecond).toBeLessThan(2400)
  })

  test('a simulated generation reports figures that match the elapsed time', async () => {
    await start({ tokensPerSecond: 200 })
    const {
      eval_count: count = 0,
      eval_duration: evalNs = 0,
      total_duration: totalNs = 0,
    } = (await ask(home, STORY)).at(-1) ?? {}
    expect(evalNs).toBeLessThan(totalNs)
    expect((count / evalNs) * 1e9).toBeGreaterThan(150)
    expect((count / evalNs) * 1e9).toBeLessThan(250)
  })

  test('a simulated generation repeats its answer for the same seed and prompt', async () => {
    await start()
    const asked = { model: 'llama3.2', prompt: 'Where is my umbrella?', options: { seed: 7 } }
    expect(textOf(await ask(home, asked))).toBe(textOf(await ask(home, asked)))
  })

  test('the default answer of the simulator says that nothing is computed', async () => {
    await start()
    expect(textOf(await ask(home, { model: 'llama3.2', prompt: 'Where is my umbrella?' }))).toMatch(
      /nothing is computed.*Where is my umbrella\?/s,
    )
  })

  test('a simulated generation ends where a stop word begins', async () => {
    await start()
    const lines = await ask(home, { ...STORY, options: { stop: ['Marta'] } })
    expect(textOf(lines)).not.toContain('Marta')
    expect(lines.at(-1)?.done_reason).toBe('stop')
  })

  test('a simulated generation ends after num_predict tokens, and hides the last one like Ollama 0.12', async () => {
    await start()
    const lines = await ask(home, { ...STORY, options: { num_predict: 5 } })
    expect(lines).toHaveLength(5)
    expect(lines.at(-1)).toMatchObject({ done_reason: 'length', eval_count: 5 })
  })

  test('a simulated model that can think does so before it answers', async () => {
    await start({ models: OTHER_MODELS })
    const lines = await ask(home, { model: 'qwen3:0.6b', prompt: 'Hello' })
    expect(lines[0]?.thinking).toBeTruthy()
    expect(textOf(lines)).toMatch(/^Hello!/)
  })

  test('a simulated generation calls a given tool with arguments from the question', async () => {
    await start()
    const parameters = { type: 'object', properties: { city: { type: 'string' } } }
    const tools = [
      {
        type: 'function',
        function: { name: 'get_weather', description: 'Weather of a city', parameters },
      },
    ]
    const lines = await ask(
      home,
      {
        model: 'llama3.2',
        messages: [{ role: 'user', content: 'What is the weather in Tokyo?' }],
        tools,
      },
      '/api/chat',
    )
    expect(lines[0]?.message?.tool_calls?.[0]?.function).toEqual({
      index: 0,
      name: 'get_weather',
      arguments: { city: 'Tokyo' },
    })
    expect(lines).toHaveLength(2)
  })

  test('a simulated generation follows a JSON Schema', async () => {
    await start()
    const format = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer' } },
    }
    expect(
      JSON.parse(textOf(await ask(home, { model: 'llama3.2', prompt: 'Who is Ana?', format }))),
    ).toEqual({
      name: 'Ana',
      age: 42,
    })
  })

  test('a simulated generation stops when its client disconnects, and the log records it', async () => {
    await start({ tokensPerSecond: 50 })
    const leaving = new AbortController()
    const answer = await post(home, '/api/generate', STORY, leaving.signal)
    await answer.body?.getReader().read()
    leaving.abort()
    await until(() => home.asked().at(-1)?.endedBy === 'client_left')
    const sent = home.asked().at(-1)?.bytesSent ?? 0
    await sleep(100)
    expect(home.asked().at(-1)).toMatchObject({
      endedBy: 'client_left',
      bytesSent: sent,
      body: JSON.stringify(STORY),
    })
    expect(sent).toBeGreaterThan(100)
  })
})

describe('loaded models', () => {
  test('a simulated model is listed as loaded only after its load has finished', async () => {
    await start({ loadMs: 150 })
    const answer = ask(home, { model: 'mistral' })
    await sleep(50)
    expect(await loadedNames(home)).toEqual(['llama3.2:latest'])
    expect(await answer).toMatchObject([{ done: true, done_reason: 'load' }])
    expect(await loadedNames(home)).toEqual(['llama3.2:latest', 'mistral:latest'])
  })

  test('a simulated load is dropped when its client disconnects', async () => {
    await start({ loadMs: LONG_LOAD_MS })
    const leaving = new AbortController()
    const given = post(home, '/api/generate', { model: 'mistral' }, leaving.signal).catch(
      () => 'left',
    )
    await until(() => home.asked().length === 1)
    leaving.abort()
    expect(await given).toBe('left')
    await until(() => home.asked().at(-1)?.endedBy === 'client_left')
    expect(home.asked().at(-1)?.bytesSent).toBe(0)
    expect(await loadedNames(home)).toEqual(['llama3.2:latest'])
  })

  test('a simulated model stays loaded for its keep_alive, and is unloaded on request', async () => {
    await start()
    await ask(home, { model: 'mistral', keep_alive: '2h' })
    const expires =
      (await loaded(home)).find(({ name }) => name === 'mistral:latest')?.expires_at ?? ''
    expect(Math.round((Date.parse(expires) - Date.now()) / 60_000)).toBe(120)
    expect(await ask(home, { model: 'mistral', keep_alive: 0 })).toMatchObject([
      { done_reason: 'unload' },
    ])
    await sleep(250)
    expect(await loadedNames(home)).toEqual(['llama3.2:latest'])
  })

  test('a simulated model is unloaded when its keep_alive expires', async () => {
    await start()
    await ask(home, { model: 'mistral', keep_alive: '60ms' })
    expect(await loadedNames(home)).toContain('mistral:latest')
    await sleep(120)
    expect(await loadedNames(home)).toEqual(['llama3.2:latest'])
  })

  test('the simulated home serves one generation at a time while the others wait without a response', async () => {
    await start({ tokensPerSecond: 500 })
    const order: string[] = []
    const first = ask(home, STORY).then(() => order.push('first'))
    await until(() => (home.asked().at(-1)?.bytesSent ?? 0) > 0)
    const second = post(home, '/api/generate', STORY).then((answer) => {
      order.push('second answers')
      return answer.text()
    })
    await Promise.all([first, second])
    expect(order).toEqual(['first', 'second answers'])
  })
})
