/** The answers of other programs at the address. */
import { STATUS_CODES } from 'node:http'
import { httpDate } from './durations.ts'
import type { Answer } from './reply.ts'

const website = (title: string, words: string): string =>
  `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${title}</title></head>\n<body><h1>${title}</h1><p>${words}</p></body>\n</html>\n`

export function html(title: string, words: string, server = 'nginx/1.26.2'): Answer {
  return {
    status: 200,
    headers: [
      ['Server', server],
      ['Date', httpDate()],
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Connection', 'keep-alive'],
    ],
    body: website(title, words),
  }
}

function json(status: number, value: unknown, server: string): Answer {
  return {
    status,
    reason: STATUS_CODES[status] ?? '',
    headers: [
      ['Server', server],
      ['Date', httpDate()],
      ['Content-Type', 'application/json'],
    ],
    body: JSON.stringify(value),
  }
}

export const jsonApi = (status: number, value: unknown): Answer => json(status, value, 'uvicorn')

export function loginForm(): Answer {
  const page = html('Please sign in', 'Who are you?')
  const form =
    '<form method="post" action="/session"><input name="user"><input type="password" name="secret"></form>'
  return { ...page, body: page.body.replace('</body>', `${form}</body>`) }
}

export function welcomePage(): Answer {
  return html(
    'Welcome to nginx!',
    'If you see this page, the web server works and needs to be set up.',
  )
}

export function openWebUi(path: string): Answer {
  if (path === '/api/version') return json(200, { version: '0.6.36', deployment_id: '' }, 'uvicorn')
  return html('Open WebUI', 'A chat page that needs a browser.', 'uvicorn')
}

export function llamaCpp(path: string): Answer {
  if (path === '/') return html('llama.cpp', 'The page of another server for models.', 'llama.cpp')
  if (path === '/health') return json(200, { status: 'ok' }, 'llama.cpp')
  if (path !== '/api/tags')
    return json(
      404,
      { error: { code: 404, message: 'File Not Found', type: 'not_found_error' } },
      'llama.cpp',
    )
  const details = {
    parent_model: '',
    format: 'gguf',
    family: '',
    families: [''],
    parameter_size: '',
    quantization_level: '',
  }
  const name = 'gemma-3-270m-Q4_K_M.gguf'
  return json(
    200,
    {
      models: [
        { name, model: name, modified_at: '', size: '', digest: '', type: 'model', details },
      ],
    },
    'llama.cpp',
  )
}
