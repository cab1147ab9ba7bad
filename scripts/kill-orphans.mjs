// Outlives the server by a moment: when the server ends, even by SIGKILL, this process ends the server's children.
// Its standard input lists them: `+4711` has started, `-4711` has ended.
import { createInterface } from 'node:readline'

/** @type {Set<string>} */
const children = new Set()

createInterface({ input: process.stdin })
  .on('line', (line) =>
    line.startsWith('+') ? children.add(line.slice(1)) : children.delete(line.slice(1)),
  )
  .on('close', () => {
    for (const pid of children) kill(Number(pid))
  })

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It had already ended.
  }
}
