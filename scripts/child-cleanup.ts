import { spawn, type ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'

/** From here on no child outlives this process, not even when it is killed without a chance to say goodbye. */
export function leaveNoOrphans() {
  const watchman = spawn(process.execPath, ['scripts/kill-orphans.mjs'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C goes to the whole group, and the watchman must be the last to leave.
    detached: true,
  })
  watchman.unref()
  const { stdin } = watchman
  stdin.on('error', () => undefined)
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: ChildProcess }
    child
      .once('spawn', () => stdin.write(`+${child.pid}\n`))
      .once('exit', () => stdin.write(`-${child.pid}\n`))
  })
}

/** npm, or the Node that started this one, may be ended without passing the signal on; this must not stay behind then. */
export function endWithParent(end: () => void) {
  const parent = process.ppid
  if (
    process.env.npm_lifecycle_event === undefined &&
    process.env.PORCHLIGHT_UNDER_NODE === undefined
  )
    return
  setInterval(() => {
    if (process.ppid !== parent) end()
  }, 500).unref()
}
