import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { reasonTables } from '../../scripts/reasons.ts'
import { VARIABLES } from '../../scripts/settings.ts'

/** Which parts of the house may know which others. What is not listed is forbidden; `type` allows types alone. */
const ARROWS = {
  'src/lib/diagnosis': [],
  'src/lib/contract': ['src/lib/diagnosis'],
  'src/lib/snippets': ['src/lib/contract'],
  'src/lib/state': ['src/lib/contract', 'src/lib/diagnosis', 'src/lib/api.ts'],
  'src/lib/ui': ['src/lib/contract', 'src/lib/diagnosis', 'src/lib/state', 'src/lib/snippets'],
  'src/lib/server': [],
  'src/lib/status': ['src/lib/contract', 'src/lib/diagnosis', 'src/lib/state'],
  'src/lib/api.ts': ['type worker/api.ts'],
  'src/routes': [
    'src/lib/contract',
    'src/lib/diagnosis',
    'src/lib/state',
    'src/lib/ui',
    'src/lib/server',
    'src/lib/status',
    // To name the script by its content.
    'static',
  ],
  worker: ['src/lib/contract', 'src/lib/diagnosis'],
  simulator: [],
} as const satisfies Record<string, readonly string[]>

/** Inside the worker: the platform stays at the rim, or its types end up in the page. */
const RIM = [
  'worker/index.ts',
  'worker/env.ts',
  'worker/built.d.ts',
  'worker/home',
  'worker/diagnosis/probes.ts',
]

const filesUnder = (path: string): string[] =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path).flatMap((name) => filesUnder(join(path, name)))

const isCode = (file: string) => /\.(ts|svelte)$/.test(file) && !/\.test\.ts$/.test(file)
const IMPORT = /(import|export)(\s+type)?\s[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g

interface Import {
  file: string
  isType: boolean
  target: string
}

function importsOf(file: string): Import[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].flatMap(([, , type, from, dynamic]) => {
    const target = (from ?? dynamic ?? '').replace(/^\$lib/, 'src/lib')
    if (target.startsWith('src/')) return [{ file, isType: type !== undefined, target }]
    return target.startsWith('.')
      ? [{ file, isType: type !== undefined, target: normalize(join(dirname(file), target)) }]
      : []
  })
}

const isUnder = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

function isAllowed({ isType, target }: Import, from: string, allowed: readonly string[]): boolean {
  if (isUnder(target, from) || target.startsWith('.svelte-kit')) return true
  return allowed.some((rule) => {
    const [word, path] = rule.startsWith('type ') ? ['type', rule.slice(5)] : ['', rule]
    const exact = path.replace(/\.ts$/, '')
    return (word === '' || isType) && (isUnder(target, path) || target === exact)
  })
}

describe('arrows point one way', () => {
  test.each(Object.entries(ARROWS))('%s knows only %j', (from, allowed) => {
    const files = filesUnder(from).filter(isCode)
    expect(files.length).toBeGreaterThan(0)
    const wrong = files.flatMap(importsOf).filter((one) => !isAllowed(one, from, allowed))
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })

  test('the platform is known at the rim of the worker alone', () => {
    const inner = filesUnder('worker').filter(
      (file) => isCode(file) && !RIM.some((rim) => isUnder(file, rim)),
    )
    const platform = /from 'cloudflare:|\b(SqlStorage|DurableObject\w*|ExecutionContext|Fetcher)\b/
    expect(inner.filter((file) => platform.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('the diagnosis imports nothing and touches nothing', () => {
    const files = filesUnder('src/lib/diagnosis').filter(isCode)
    for (const file of files) {
      const text = readFileSync(file, 'utf8')
      expect(text, file).not.toMatch(
        /\bfetch\(|\bDate\b|Math\.random|setTimeout|\bprocess\.|from '(?!\.)/,
      )
    }
  })
})

describe('the repository stands alone', () => {
  const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .filter(existsSync)

  test('nothing in it names a folder beside it', () => {
    const outside = new RegExp(['\\.\\.', 'shared'].join('/'))
    const text = tracked.filter((file) =>
      /\.(ts|mjs|js|svelte|md|json|toml|css|yml|html)$|^\.ci\//.test(file),
    )
    expect(text.filter((file) => outside.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('what tests read of recordings is a few megabytes at most', () => {
    const bytes = filesUnder('tests/recordings').reduce((sum, file) => sum + statSync(file).size, 0)
    expect(bytes).toBeLessThan(3e6)
  })

  test('every path that the documents name is there', () => {
    const named = tracked
      .filter((file) => file.endsWith('.md') && !file.startsWith('tests/recordings'))
      .flatMap((file) =>
        [
          ...readFileSync(file, 'utf8').matchAll(
            /`((?:src|worker|simulator|scripts|tests|docs|bench)\/[\w./[\]-]+)`/g,
          ),
        ].map(([, path = '']) => [file, path] as const),
      )
    const there = new Set(
      tracked.flatMap((file) => [
        file,
        ...file.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/')),
      ]),
    )
    expect(named.filter(([, path]) => !there.has(path.replace(/\/$/, '')))).toEqual([])
  })
})

describe('the documents', () => {
  test('tell every cause and every reason as the code has them: node scripts/reasons.ts', () => {
    expect(readFileSync('docs/diagnosis.md', 'utf8').trim().endsWith(reasonTables().trim())).toBe(
      true,
    )
  })

  test('name every variable that the server reads', () => {
    const texts = ['docs/configuration.md', '.dev.vars.example'].map((file) =>
      readFileSync(file, 'utf8'),
    )
    expect(VARIABLES.filter((name) => texts.some((text) => !text.includes(name)))).toEqual([])
  })
})
