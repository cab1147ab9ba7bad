/** Faults in the middle of an answer. */
import type { Exchange } from './connection.ts'
import { pause } from './turnstile.ts'

export type StreamFault =
  'cut' | 'reset' | 'ends_early' | 'error_line' | 'stalls' | 'garbage_line' | 'split_bytes'

const DIED = 'an error was encountered while running the model: unexpected EOF'
/** A reset discards unread data; this delay lets the lines before it arrive. */
const ARRIVE_MS = 25

const LINES = {
  error_line: `{"error":"${DIED}"}\n`,
  garbage_line: 'upstream: short read, 512 of 2048 bytes\n',
} as const satisfies Partial<Record<StreamFault, string>>

export function faultLine(fault: StreamFault): string | null {
  return fault in LINES ? LINES[fault as keyof typeof LINES] : null
}

async function stall({ left }: Exchange): Promise<false> {
  while (await pause(60_000, left));
  return false
}

async function reset({ reply, left }: Exchange): Promise<false> {
  if (await pause(ARRIVE_MS, left)) reply.reset()
  return false
}

function end({ reply }: Exchange): false {
  reply.endStream()
  return false
}

function cut({ reply }: Exchange): false {
  reply.cut()
  return false
}

/** Each returns whether the stream continues. */
export const STREAM_FAULTS = {
  cut,
  reset,
  ends_early: end,
  error_line: end,
  stalls: stall,
  garbage_line: () => true,
} as const satisfies Record<
  Exclude<StreamFault, 'split_bytes'>,
  (exchange: Exchange) => boolean | Promise<boolean>
>

/** The same without a stream: half a body, no body, or an error with its own status. */
export const WHOLE_FAULTS = {
  cut: ({ reply }) => {
    reply.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 512\r\n\r\n{"model":"',
    )
    reply.cut()
  },
  reset: async (exchange) => {
    await reset(exchange)
  },
  error_line: ({ reply }) => reply.error(500, DIED),
  stalls: async (exchange) => {
    await stall(exchange)
  },
} as const satisfies Partial<Record<StreamFault, (exchange: Exchange) => void | Promise<void>>>
