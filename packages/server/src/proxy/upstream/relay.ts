// The body of an answer on its way to the caller: a stream like any, but whoever takes a reader, as servers do,
// reads fetch's own stream. A second stream in between costs half as much again per event once some hundred
// run side by side (bench/proxy.mjs). Who pipes it instead gets the same through an ordinary stream.

import type { Replacements } from './replacements.ts'
import type { UpstreamConnection } from './upstream-connection.ts'

/** What is counted as a body passes. */
export interface RelayMeter {
  /** More than this break the answer off. */
  readonly maxBytes: number
  /** Hears of each piece that is passed on. */
  readonly onRead: (bytes: Uint8Array) => void
  /** Whether the first piece is read at once: a body that breaks off gives up what nobody has read. */
  readonly readsAhead: boolean
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>
type ReadResult = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>

/**
 * Passes a body on, piece by piece, with the replacements made. Nothing but a first piece is read ahead: a caller that stops reading
 * stops fal. A body that was cut, by either side, ends in an error, never in an end.
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
  // Not left to the signal alone: Node 20 can lose an abort once fetch's own request object was collected.
  connection.onStop(() => void upstream.cancel().catch(() => {}))

  let ahead = readsAhead ? upstream.read() : undefined
  ahead?.catch(() => {})
  let readBytes = 0
  let isCancelled = false
  // A reader that was cancelled has ended, like any other; whoever still reads learns that words are missing.
  const end = (): ReadResult => {
    connection.close('interrupted')
    if (isCancelled) return { done: true, value: undefined }
    throw new Error('fal proxy: the answer broke off')
  }
  const pass = ({ done, value }: ReadResult): ReadResult | Promise<ReadResult> => {
    // A cancelled read says "done" as well.
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
  // Nobody has to listen for the end.
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
