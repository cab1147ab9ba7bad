import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { takeLock } from './lock.ts'

export interface DataFolder {
  folder: string
  /** A sentence for the user: why this is not the default folder. */
  note: string | null
}

const DEFAULT = '.porchlight'
const ATTEMPTS = 20

/**
 * Locks the folder of the embedded database for this server until its process ends: `PORCHLIGHT_DATA` if it is set, else
 * the default folder or the next one that no running server uses. Returns a sentence if that is not possible.
 */
export function openDataFolder(configured: string | undefined): DataFolder | { refusal: string } {
  const name = configured?.trim()
  if (name) return openConfigured(name)
  for (let nth = 1; nth <= ATTEMPTS; nth++) {
    const folder = nth === 1 ? DEFAULT : `${DEFAULT}-${nth}`
    const opened = open(folder)
    if (opened === 'free')
      return { folder: resolve(folder), note: nth === 1 ? null : noteOn(folder) }
    if (opened !== 'taken')
      return {
        refusal: `The folder ${resolve(folder)} ${opened}. Set PORCHLIGHT_DATA to another folder.`,
      }
  }
  return {
    refusal: `The folders ${DEFAULT} to ${DEFAULT}-${ATTEMPTS} are all in use. Set PORCHLIGHT_DATA to another folder.`,
  }
}

function openConfigured(name: string): DataFolder | { refusal: string } {
  const opened = open(name)
  if (opened === 'free') return { folder: resolve(name), note: null }
  const why = opened === 'taken' ? `is in use${by(name)}` : opened
  return {
    refusal: `The folder of PORCHLIGHT_DATA, ${resolve(name)}, ${why}. Set it to another folder.`,
  }
}

const noteOn = (folder: string) =>
  `The folder ${DEFAULT} is in use${by(DEFAULT)}, so this server keeps its data in ${folder}.`

/** `free`: this process holds it now. Otherwise `taken`, or why it cannot be used. */
function open(folder: string): string {
  try {
    makeFolder(resolve(folder))
    if (!takeLock(join(folder, 'lock'))) return 'taken'
    writeFileSync(join(folder, 'pid'), String(process.pid))
    return 'free'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR'
      ? 'is not a folder'
      : 'cannot be written to'
  }
}

/** Step by step: `mkdir` with `recursive` never returns where the system creates no folders, as in `/proc`. */
function makeFolder(path: string) {
  if (!existsSync(path)) {
    makeFolder(dirname(path))
    mkdirSync(path)
  } else if (!statSync(path).isDirectory())
    throw Object.assign(new Error(path), { code: 'ENOTDIR' })
}

function by(folder: string): string {
  try {
    return ` by another Porchlight (process ${readFileSync(join(folder, 'pid'), 'utf8')})`
  } catch {
    return ' by another Porchlight'
  }
}
