import { spawn, type ChildProcess } from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'

/** From here on no child outlives this process, even if this process is killed with SIGKILL. */
export function leaveNoOrphans() {
  const killer = spawn(process.execPath, ['scripts/kill-orphans.mjs'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Ctrl-C goes to the whole process group, and the killer must be the last to end.
    detached: true,
  })
  killer.unref()
  const { stdin } = killer
  stdin.on('error', () => undefined)
  subscribe('child_process', (message) => {
    const { process: child } = message as { process: ChildProcess }
    child
      .once('spawn', () => stdin.write(`+${child.pid}\n`))
      .once('exit', () => stdin.write(`-${child.pid}\n`))
  })
}

const PARENT_POLL_MS = 500

/** npm, or the Node that started this one, may be ended without passing the signal on. Calls `end` when that happens. */
export function endWithParent(end: () => void) {
  const parent = process.ppid
  if (
    process.env.npm_lifecycle_event === undefined &&
    process.env.PORCHLIGHT_UNDER_NODE === undefined
  )
    return
  setInterval(() => {
    if (process.ppid !== parent) end()
  }, PARENT_POLL_MS).unref()
}
