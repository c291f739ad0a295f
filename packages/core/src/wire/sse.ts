// Server-sent events (WHATWG HTML, "Server-sent events") as messages. UTF-8 is decoded across reads, frames are
// bounded, an abort ends a read that the socket does not. Reconnection (`id`, `retry`) is left out: fal's streams
// cannot be resumed.

import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'
import { FalLlmError } from '../errors.ts'
import type { Clock } from './clock.ts'
import type { Watch } from './watch.ts'

/** Bytes one event may take before the stream is given up: 32 MiB. */
export const maxEventBytes: number = 32 * 1024 * 1024

/** Whether the reader wants to hear more. closing: it has what it needs, but will hear what comes soon. */
export type Reading = 'more' | 'closing' | 'done'

/** How long a stream that has said its last word may take to close, milliseconds. */
const closingMs = 2_000

/** Takes a stream's bytes in whatever pieces they come. */
export interface ByteSink {
  feed(bytes: Uint8Array): Reading
  /** The server ended the stream. */
  end(): void
}

/** Whether the answer comes in events. */
export function isEventStream(response: Response): boolean {
  return /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '')
}

/** Begins the watch's `idle` phase with the first event, and starts it anew with every other. */
export function createPulse(watch: Watch): () => void {
  let beating = false
  return () => {
    if (beating) return watch.progress()
    beating = true
    watch.enter('idle')
  }
}

/**
 * Parses bytes as server-sent events.
 * `feed` throws FalLlmError `provider` for an event over `maxEventBytes`, and whatever `onMessage` throws.
 */
export function createSseParser(onMessage: (message: EventSourceMessage) => Reading): ByteSink {
  const state = { reading: 'more' as Reading }
  const parser = createParser({
    maxBufferSize: maxEventBytes,
    onEvent(message) {
      if (state.reading !== 'done') state.reading = onMessage(message)
    },
    onError(error) {
      if (error.type !== 'max-buffer-size-exceeded') return
      throw new FalLlmError('provider', `fal sent an event of more than ${maxEventBytes} bytes`)
    },
  })
  const decoder = new TextDecoder()
  let endsWithCr = false
  return {
    feed(bytes) {
      const text = decoder.decode(bytes, { stream: true })
      if (text) {
        parser.feed(text)
        endsWithCr = text.endsWith('\r')
      }
      return state.reading
    },
    end() {
      parser.feed(decoder.decode())
      // A lone CR at the very end may be half of a CRLF; now it is known to be a line end.
      if (endsWithCr) parser.feed('\n')
    },
  }
}

/** Reads an event stream as messages; the watch's phase is `idle` from the first on. Throws as `readBytes` does. */
export function readSse(
  response: Response,
  watch: Watch,
  onMessage: (message: EventSourceMessage) => Reading,
): Promise<void> {
  const pulse = createPulse(watch)
  return readBytes(
    response,
    watch,
    createSseParser((message) => {
      pulse()
      return onMessage(message)
    }),
  )
}

/**
 * Reads a body until the sink is `done` or the server ends it, and closes the connection.
 *
 * @throws FalLlmError `interrupted` when the connection breaks, the watch's reason on abort; whatever the sink throws.
 */
export async function readBytes(response: Response, watch: Watch, sink: ByteSink): Promise<void> {
  if (!response.body) return
  const reader = response.body.getReader()
  // Not awaited: a server that stopped answering would hold us here.
  const cancel = (): void => void reader.cancel().catch(() => {})
  const broken = (cause: unknown): never => {
    throw watch.signal.aborted ? watch.signal.reason : brokenConnection(cause)
  }
  // A cancelled body ends the read that waits, whether or not the socket has heard of the abort: no read needs a race.
  watch.signal.addEventListener('abort', cancel)
  if (watch.signal.aborted) cancel()
  let reading: Reading = 'more'
  try {
    while (reading !== 'done') {
      const closing = reading === 'closing'
      const { done, value } = await (closing
        ? readLast(reader, watch)
        : reader.read().catch(broken))
      if (watch.signal.aborted) throw watch.signal.reason
      if (done) {
        // It may be done with us only: the server was still silent when our patience ended.
        cancel()
        return sink.end()
      }
      reading = sink.feed(value)
    }
    void drain(reader, watch.clock)
  } catch (error) {
    cancel()
    throw error
  } finally {
    watch.signal.removeEventListener('abort', cancel)
  }
}

/** Reads what is left of a good answer in the background: a connection that ends by itself can be used again. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>, clock: Clock): Promise<void> {
  const giveUp = clock.setTimer(() => void reader.cancel().catch(() => {}), closingMs)
  try {
    while (!(await reader.read()).done);
  } catch {
    // Nothing of the answer is lost.
  } finally {
    giveUp()
  }
}

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>

/** The answer is complete: a connection that breaks or stays open now takes nothing from it. */
async function readLast(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  watch: Watch,
): Promise<Read> {
  watch.rest()
  const end: Read = { done: true, value: undefined }
  const patience = watch.sleep(closingMs).then(() => end)
  patience.catch(() => {})
  return Promise.race([reader.read().catch(() => end), patience])
}

function brokenConnection(cause: unknown): FalLlmError {
  return new FalLlmError('interrupted', 'The connection broke before the answer was complete', {
    cause,
    retryable: true,
  })
}
