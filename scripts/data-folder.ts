import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { takeLock } from './lock.ts'

export interface Data {
  folder: string
  /** What the person should know: why it is not the usual folder. */
  note: string | null
}

const USUAL = '.porchlight'
const TRIES = 20

/**
 * The folder of the embedded database, for this server alone until its process ends. `PORCHLIGHT_DATA` if it was asked for,
 * else the usual one or the next that no living server uses. A sentence when that is not possible.
 */
export function openData(asked: string | undefined): Data | { refusal: string } {
  const name = asked?.trim()
  if (name) return openAsked(name)
  for (let nth = 1; nth <= TRIES; nth++) {
    const folder = nth === 1 ? USUAL : `${USUAL}-${nth}`
    const opened = open(folder)
    if (opened === 'free')
      return { folder: resolve(folder), note: nth === 1 ? null : noteOn(folder) }
    if (opened !== 'taken')
      return { refusal: `The folder ${resolve(folder)} ${opened}. Give another: PORCHLIGHT_DATA` }
  }
  return {
    refusal: `The folders ${USUAL} to ${USUAL}-${TRIES} are all in use. Give another: PORCHLIGHT_DATA`,
  }
}

function openAsked(name: string): Data | { refusal: string } {
  const opened = open(name)
  if (opened === 'free') return { folder: resolve(name), note: null }
  const why = opened === 'taken' ? `is in use${by(name)}` : opened
  return {
    refusal: `The folder of PORCHLIGHT_DATA, ${resolve(name)}, ${why}. Give another folder.`,
  }
}

const noteOn = (folder: string) =>
  `The folder ${USUAL} is in use${by(USUAL)}, so the data of this one is in ${folder}.`

/** `free`: it is ours now. Otherwise `taken`, or why it cannot be used. */
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

/** Step by step: `mkdir` with `recursive` never comes back where the system makes no folders, as in `/proc`. */
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
