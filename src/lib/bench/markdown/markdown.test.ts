import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { showHidden } from './hidden.ts'
import { highlight } from './highlight.ts'
import { hostNote, safeLink } from './links.ts'
import { mathsAt } from './maths.ts'
import { MarkdownReader, type Chapter } from './reader.ts'
import { isTooDeep } from '../../contract/depth.ts'

const PARTS = [
  'A paragraph with **bold** and `code`.\n\n',
  '# A heading\n\n',
  '- one\n- two\n  - nested\n\n',
  '1. first\n\n   more of it\n2. second\n\n',
  '```ts\nconst a = 1\n\nconst b = 2\n```\n\n',
  '| a | b |\n| --- | --- |\n| 1 | 2 |\n\n',
  '> quoted\nlazily\n\n',
  'Set\next\n---\n\n',
  '---\n\n',
  '$$\na^2 + b^2\n$$\n\n',
  'Inline $x^2$ and \\(y\\), and it costs $5 and $6.\n\n',
  '<b>html</b> and <div>\nblock\n</div>\n\n',
  'line\r\nline\r\n\r\n',
] as const

const partsIn = (chapters: readonly Chapter[]) => chapters.flat(2)

const lastRead = (pieces: readonly string[], reader = new MarkdownReader()) => {
  let text = ''
  for (const piece of pieces) reader.read((text += piece))
  return partsIn(reader.read(text, true))
}

/** The beginning of each block, and a line that repeats. */
const LONG = {
  code: ['```ts\n', 'const a = 1 // one\n'],
  'indented code': ['', '    const a = 1 // one\n'],
  table: ['| a | b |\n| --- | --- |\n', '| one | *two* |\n'],
  list: ['', '- one **thing**\n'],
  'numbered list': ['', '1. one **thing**\n'],
  paragraph: ['', 'words that go on '],
  numbers: ['', '10 200 '],
  'paragraph without words': ['', '1234567890'],
  'paragraph of emoji': ['', '🏠'],
  quote: ['', '> quoted words\n'],
} as const

describe('growing answers', () => {
  test('a growing answer ends up like one that was read at once, wherever it was split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }),
        fc.array(fc.nat()),
        (parts, cuts) => {
          const text = parts.join('')
          const edges = [
            0,
            ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b),
            text.length,
          ]
          const pieces = edges.slice(1).map((end, nth) => text.slice(edges[nth], end))
          const kinds = (blocks: ReturnType<typeof lastRead>) =>
            blocks.map(({ token }) => [token.type, token.raw.trim()])
          expect(kinds(lastRead(pieces))).toEqual(kinds(lastRead([text])))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('the Markdown reader reads finished text only once, so ten times the answer is ten times the work', () => {
    const work = (repeats: number) => {
      const reader = new MarkdownReader()
      lastRead(Array.from({ length: repeats }, () => PARTS.slice(0, 6)).flat(), reader)
      return reader.readCharacters
    }
    const [short, long] = [work(10), work(100)]
    expect(long / short).toBeLessThan(12)
    expect(long).toBeLessThan(6 * PARTS.slice(0, 6).join('').length * 100)
  })

  test('a finished Markdown block stays the same object with the same offset', () => {
    const reader = new MarkdownReader()
    const before = partsIn(reader.read('one\n\ntwo\n\nthree\n\nfour'))
    const after = partsIn(reader.read('one\n\ntwo\n\nthree\n\nfour and more\n\nfive'))
    expect(after[0]).toBe(before[0])
    expect(after[1]).toBe(before[1])
    expect(after.map(({ isOpen }) => isOpen)).toEqual([false, false, false, true, true])
    expect(after.map(({ offset }) => offset)).toEqual([0, 5, 10, 17, 32])
  })

  test('a Markdown chapter whose blocks are finished stays the same object', () => {
    const reader = new MarkdownReader()
    const text = Array.from({ length: 60 }, (_, nth) => `part ${nth}\n\n`).join('')
    const before = reader.read(text)
    const after = reader.read(`${text}more\n\n`)
    expect(after.map((chapter, nth) => chapter === before[nth])).toEqual([true, true, false])
    expect(partsIn(after)).toHaveLength(61)
  })

  test.each(Object.entries(LONG))(
    'a long block of the kind "%s" is read in parts that add up to the whole',
    (_, [head, line]) => {
      const reader = new MarkdownReader()
      const text = head + line.repeat(Math.ceil(100_000 / line.length))
      const parts = lastRead(text.match(/[^]{1,997}/g) ?? [], reader)
      expect(parts.length).toBeGreaterThan(15)
      expect(new Set(parts.map(({ token }) => token.type)).size).toBe(1)
      expect(parts.map(({ token, prefix }) => token.raw.slice(prefix?.length ?? 0)).join('')).toBe(
        text,
      )
      expect(Math.max(...parts.map(({ token }) => token.raw.length))).toBeLessThan(7000)
      expect(reader.readCharacters).toBeLessThan(30 * text.length)
      expect(partsIn(new MarkdownReader().read(text, true)).map(({ offset }) => offset)).toEqual(
        parts.map(({ offset }) => offset),
      )
    },
  )

  test('the block after a long Markdown block is read as a new block', () => {
    const kinds = lastRead([`${LONG.code.join('').repeat(90)}\n\`\`\`\n\nThe end.\n`]).map(
      ({ token }) => token.type,
    )
    expect(kinds.at(-1)).toBe('paragraph')
  })

  test('a Markdown link whose address is defined at the end of the answer becomes a link', () => {
    const [first] = lastRead([
      'See [it].\n\n',
      'a\n\n',
      'b\n\n',
      'c\n\n',
      '[it]: https://a.example\n',
    ])
    expect(JSON.stringify(first?.token)).toContain('https://a.example')
  })

  test('a different answer resets the Markdown reader', () => {
    const reader = new MarkdownReader()
    reader.read('one\n\ntwo\n\nthree\n\nfour')
    expect(partsIn(reader.read('other')).map(({ token }) => token.raw)).toEqual(['other'])
  })
})

describe('deeply nested answers', () => {
  const signs = ['> ', '>', '- ', '1. ', '[', '*a **b ', '> - ', '![', '_(']

  test.each(signs.flatMap((sign) => [60, 3000].map((times) => [sign, times] as const)))(
    '%j repeated %i times is shown verbatim and no deeper than the page can render',
    (sign, times) => {
      const text = `${sign.repeat(times)}end`
      const parts = partsIn(new MarkdownReader().read(`before\n\n${text}`, true))
      expect(parts.map(({ token }) => token.raw).join('')).toContain(text)
      expect(isTooDeep(parts, 104)).toBe(false)
    },
  )

  test('Markdown before a deeply nested block is still rendered', () => {
    const [first] = partsIn(new MarkdownReader().read(`**bold**\n\n${'> '.repeat(500)}end`, true))
    expect(first?.token.type).toBe('paragraph')
  })
})

describe('maths', () => {
  test.each([
    '$x^2$',
    '$a$',
    '$f(x)$',
    '$\\alpha$',
    '\\(a b\\)',
    '\\[a\\]',
    '$$a$$',
    '$x_1 + 5$',
    '$a\\$b^2$',
  ])('%s is read as a formula', (text) => expect(mathsAt(`${text} and`)?.raw).toBe(text))

  test.each([
    '$5 and $6',
    '$5-$6',
    '$5, and US$ is',
    '$HOME and $PATH',
    '$HOME/$PATH',
    '$ x^2 $',
    '$$',
    '$$ never closed',
    '$a^2\n\nb$',
    '$x^2',
    '\\( open',
    '$1,000 to $2,000',
    '$100 or 100$ a day',
  ])('%j is not read as a formula', (text) => expect(mathsAt(text)).toBeNull())
})

describe('code', () => {
  test('syntax highlighting does not change the code', () => {
    const code = 'const a: number = 1 // "one"\nexport const b = `x${a}`\n'
    const stretches = highlight(code, 'ts') ?? []
    expect(stretches.map(({ text }) => text).join('')).toBe(code)
    expect(stretches.find(({ text }) => text.includes('const'))?.tone).toBe('k')
    expect(highlight(code, 'klingon')).toBeNull()
  })

  test('hidden and text-reversing characters in code are shown as code points', () => {
    expect(showHidden('if (a\u202e) \u2066x\u200b')).toBe('if (a[U+202E]) [U+2066]x[U+200B]')
    expect(showHidden('für 👩‍💻 \t\n')).toBe('für 👩‍💻 \t\n')
  })
})

describe('links', () => {
  test.each([
    ['https://xn--pple-43d.com/', 'apple', 'xn--pple-43d.com'],
    ['https://аpple.com/', 'apple', 'xn--pple-43d.com'],
    ['https://evil.example/', 'https://bank.example/login', 'evil.example'],
    ['https://evil.example/', 'bank.example', 'evil.example'],
    ['https://www.bank.example/', 'bank.example', null],
    ['https://bank.example/a', 'https://bank.example/a', null],
    ['https://a.example/', 'read more', null],
    ['mailto:a@evil.example', 'me@home.example', 'a@evil.example'],
    ['mailto:me@home.example', 'me@home.example', null],
  ])('a link to %s with the text "%s" is shown with the real host %s', (href, words, note) => {
    expect(hostNote(safeLink(href) ?? '', words)).toBe(note)
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'https://a:b@c.example',
    '//c.example',
    'file:///etc',
  ])('the unsafe address %s does not become a link', (href) => expect(safeLink(href)).toBeNull())
})
