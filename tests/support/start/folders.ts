import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { endAfterwards } from './servers.ts'

/** A new folder that is deleted after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-'))
  endAfterwards(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A copy of the sources that a test may change. Nothing is built there yet. */
export function copyOfRepository() {
  const folder = emptyFolder()
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
    .trim()
    .split('\n')
  for (const file of files.filter(existsSync)) {
    if (!/^(tests|docs|bench)\//.test(file)) cpSync(file, join(folder, file))
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  const change = (file: string, how: (text: string) => string) =>
    writeFileSync(join(folder, file), how(readFileSync(join(folder, file), 'utf8')))
  return { folder, change }
}
