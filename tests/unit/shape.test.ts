import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { reasonTables } from '../../scripts/reasons.ts'
import { VARIABLES } from '../../scripts/settings.ts'

/**
 * Each part may import only from parts above it; types may also be imported from below. `src/lib/diagnosis` imports nothing.
 * The page and the Worker share what stands before `src/lib/api.ts`, and meet nowhere else but in the type of the API.
 */
const SHARED = ['src/lib/diagnosis', 'src/lib/contract', 'src/lib/format.ts'] as const

const ORDER = {
  page: [
    ...SHARED,
    'src/lib/snippets',
    'src/lib/storage.ts',
    'src/lib/read-lines.ts',
    'src/lib/poll.ts',
    'src/lib/ui',
    'src/lib/api.ts',
    'src/lib/server',
    'src/lib/home',
    'src/lib/auth',
    'src/lib/models',
    'src/lib/bench',
    'src/lib/runs',
    'src/lib/shares',
    'src/lib/alerts',
    'src/lib/status',
    'src/routes',
    'src/hooks.server.ts',
    'src/service-worker',
    'src/app.d.ts',
  ],
  worker: [
    ...SHARED,
    'worker/built.d.ts',
    'worker/log.ts',
    'worker/timers.ts',
    'worker/time.ts',
    'worker/encoding.ts',
    'worker/http',
    'worker/ollama',
    'worker/auth',
    'worker/diagnosis',
    'worker/models',
    'worker/runs',
    'worker/settings',
    'worker/shares',
    'worker/llm',
    'worker/openai',
    'worker/alerts',
    'worker/monitoring',
    'worker/status',
    'worker/ports.ts',
    'worker/config.ts',
    'worker/api.ts',
    'worker/home',
    'worker/env.ts',
    'worker/index.ts',
  ],
  simulator: ['simulator'],
} as const

const filesOf = (part: string) => filesUnder(part).filter(isCode)

const filesUnder = (path: string): string[] =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path).flatMap((name) => filesUnder(join(path, name)))

const isCode = (file: string) => /\.(ts|svelte)$/.test(file) && !/\.test\.ts$/.test(file)
const IMPORT =
  /(?:import|export)(\s+type)?\s[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|^\s*import\s+'([^']+)'/gm

interface Import {
  file: string
  isType: boolean
  target: string
}

/** What a file imports of ours, as paths of files. */
function importsOf(file: string): Import[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].flatMap(
    ([, type, from, dynamic, effect]) => {
      const named = (from ?? dynamic ?? effect ?? '')
        .replace(/^\$lib/, 'src/lib')
        .replace(/\?.*/, '')
      const path = named.startsWith('.') ? normalize(join(dirname(file), named)) : named
      const target = ['', '.ts', '.svelte.ts', '/index.ts'].map((end) => path + end).find(isFile)
      return target === undefined || isBuilt(target)
        ? []
        : [{ file, isType: type !== undefined, target }]
    },
  )
}

/** The page as SvelteKit writes it exists only after a build. */
const isBuilt = (path: string) => path.startsWith('.svelte-kit/')

const isFile = (path: string) => existsSync(path) && statSync(path).isFile()

const isUnder = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

/** Files that import each other in a circle, values alone or types too. */
function circles(files: readonly string[], withTypes: boolean): string[] {
  const targets = new Map(
    files.map((file) => [
      file,
      importsOf(file).flatMap(({ isType, target }) =>
        target !== file && (withTypes || !isType) ? [target] : [],
      ),
    ]),
  )
  const reaches = (from: string, wanted: string, seen = new Set<string>()): boolean =>
    (targets.get(from) ?? []).some((next) => {
      if (next === wanted) return true
      if (seen.has(next)) return false
      seen.add(next)
      return reaches(next, wanted, seen)
    })
  return files.filter((file) => reaches(file, file))
}

/** Scripts, benches and tests may import anything; nothing here imports them. */
const SOURCES = ['src', 'worker', 'simulator']

describe('import directions', () => {
  test.each(Object.entries(ORDER))(
    'every import in the %s points from a later part to an earlier one',
    (_name, order) => {
      const wrong = order.flatMap((part, index) =>
        filesOf(part)
          .flatMap(importsOf)
          .filter(
            ({ isType, target }) =>
              !isType && !order.slice(0, index + 1).some((one) => isUnder(target, one)),
          ),
      )
      expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
    },
  )

  test('every source file belongs to a listed part', () => {
    const parts = Object.values(ORDER).flat()
    const files = SOURCES.flatMap(filesOf)
    expect(files.filter((file) => !parts.some((part) => isUnder(file, part)))).toEqual([])
  })

  test('there are no circular imports', () => {
    expect(circles([...SOURCES, 'scripts', 'bench'].flatMap(filesOf), false)).toEqual([])
  })

  test('no file that the API’s type needs names a platform type', () => {
    const seen = new Set(['worker/api.ts'])
    for (const file of seen) for (const { target } of importsOf(file)) seen.add(target)
    const platform = /from 'cloudflare:|\b(SqlStorage|DurableObject\w*|ExecutionContext|Fetcher)\b/
    expect([...seen].filter((file) => platform.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('the diagnosis imports nothing and has no clock, network or randomness', () => {
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

  test('no file refers to a folder outside of the repository', () => {
    const outside = new RegExp(['\\.\\.', 'shared'].join('/'))
    const text = tracked.filter((file) =>
      /\.(ts|mjs|js|svelte|md|json|toml|css|yml|html)$|^\.ci\//.test(file),
    )
    expect(text.filter((file) => outside.test(readFileSync(file, 'utf8')))).toEqual([])
  })

  test('the recordings take less than 3 MB', () => {
    const bytes = filesUnder('tests/recordings').reduce((sum, file) => sum + statSync(file).size, 0)
    expect(bytes).toBeLessThan(3e6)
  })

  test('every path that the documents name exists', () => {
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
  test('docs/diagnosis.md has every cause and reason of the code (update: node scripts/reasons.ts)', () => {
    expect(readFileSync('docs/diagnosis.md', 'utf8').trim().endsWith(reasonTables().trim())).toBe(
      true,
    )
  })

  test('the documents name every variable that the server reads', () => {
    const texts = ['docs/configuration.md', '.dev.vars.example'].map((file) =>
      readFileSync(file, 'utf8'),
    )
    expect(VARIABLES.filter((name) => texts.some((text) => !text.includes(name)))).toEqual([])
  })
})
