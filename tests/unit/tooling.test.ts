import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Lockfile {
  packages: Record<string, { version: string; dependencies?: Record<string, string> }>
}

test('the pinned Miniflare, which runs npm start, is the version that the pinned Wrangler depends on', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lockfile
  expect(packages['node_modules/miniflare']?.version).toBe(
    packages['node_modules/wrangler']?.dependencies?.miniflare,
  )
})

test('every action in the workflows is pinned to a full commit, with its version as a comment', () => {
  const folder = '.github/workflows'
  const uses = readdirSync(folder).flatMap((file) =>
    [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/uses: (.*)/g)].map(([, use]) => use),
  )
  expect(uses.length).toBeGreaterThan(0)
  for (const use of uses) expect(use).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
})
