import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const SOURCES = [
  'src',
  'static',
  'worker',
  'scripts/build.ts',
  'svelte.config.js',
  'vite.config.ts',
  'wrangler.toml',
  '_headers',
  'package-lock.json',
]

/** A hash over every source that ends up in the bundle. */
export function fingerprint(): string {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(filesUnder).sort())
    hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return []
  if (statSync(path).isFile()) return /\.test\.ts$/.test(path) ? [] : [path]
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)))
}
