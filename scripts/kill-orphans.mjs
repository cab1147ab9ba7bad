// Outlives the server by a moment: when the server is gone, whatever way it went, its children are ended too.
// Standard input says who they are: `+4711` was started, `-4711` has ended.
import { createInterface } from 'node:readline'

const children = new Set()

createInterface({ input: process.stdin })
  .on('line', (line) =>
    line.startsWith('+') ? children.add(line.slice(1)) : children.delete(line.slice(1)),
  )
  .on('close', () => {
    for (const pid of children) end(Number(pid))
  })

function end(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went by itself.
  }
}
