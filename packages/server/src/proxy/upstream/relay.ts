// The body of an answer on its way to the caller. Servers read it with `getReader`, and then read fetch's own stream: with
// some hundred answers side by side, a second stream in between costs half as much again per event (bench/proxy.mjs).
// A consumer that pipes the body gets the same bytes through an ordinary stream.

import type { Replacements } from './replacements.ts'
import type { UpstreamConnection } from './upstream-connection.ts'

/** What happens to a body as it passes. */
export interface RelayMeter {
  /** A longer answer is broken off. */
  readonly maxBytes: number
  /** Called with each piece that is passed on. */
  readonly onRead: (bytes: Uint8Array) => void
  /** Whether the first piece is read at once: a body that breaks off drops the pieces that nobody has read. */
  readonly readsAhead: boolean
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>
type ReadResult = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>

/**
 * Passes a body on, piece by piece, with the replacements made. At most the first piece is read ahead, so a caller that
 * stops reading stops fal. A body that either side cut ends with an error, so that it never looks whole.
 */
export function relay(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  connection: UpstreamConnection,
  replacements: Replacements,
  meter: RelayMeter,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = createReader(body, connection, replacements, meter)
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => reader.cancel(),
    },
    { highWaterMark: 0 },
  )
  let isTaken = false
  const getReader = (): Reader => {
    if (isTaken || stream.locked) throw new TypeError('The answer already has a reader')
    isTaken = true
    return reader
  }
  return Object.defineProperty(stream, 'getReader', { value: getReader })
}

function createReader(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  connection: UpstreamConnection,
  replacements: Replacements,
  { maxBytes, onRead, readsAhead }: RelayMeter,
): Reader {
  const upstream = body.getReader()
  const replacer = replacements.inBytes()
  // The signal is not enough: Node 20 can lose an abort after fetch's request object was garbage-collected.
  connection.onStop(() => void upstream.cancel().catch(() => {}))

  let ahead = readsAhead ? upstream.read() : undefined
  ahead?.catch(() => {})
  let readBytes = 0
  let isCancelled = false
  // A cancelled reader ends like any other; a consumer that still reads gets an error, because bytes are missing.
  const end = (): ReadResult => {
    connection.close('interrupted')
    if (isCancelled) return { done: true, value: undefined }
    throw new Error('fal proxy: the answer broke off')
  }
  const pass = ({ done, value }: ReadResult): ReadResult | Promise<ReadResult> => {
    // A read that was cancelled is `done` too.
    if (connection.isStopped()) return end()
    connection.resetIdle()
    if (!done && (readBytes += value.length) > maxBytes) {
      connection.stop('interrupted')
      return end()
    }
    const bytes = done ? replacer.end() : replacer.push(value)
    if (bytes.length > 0) {
      onRead(bytes)
      return { done: false, value: bytes }
    }
    if (!done) return read()
    connection.close('done')
    return { done, value: undefined }
  }
  const read = (): Promise<ReadResult> => {
    const next = ahead ?? upstream.read()
    ahead = undefined
    return next.then(pass, end)
  }
  const closed = upstream.closed.catch(() => void end())
  // Nobody has to wait for `closed`.
  closed.catch(() => {})
  return {
    read,
    cancel() {
      isCancelled = true
      connection.stop('stopped')
      return Promise.resolve()
    },
    closed,
    releaseLock: () => {},
  }
}
