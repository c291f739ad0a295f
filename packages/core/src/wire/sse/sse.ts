// Server-sent events (WHATWG HTML, "Server-sent events") as messages. UTF-8 is decoded across reads, frames are
// bounded, an abort ends a read that the socket does not. Reconnection (`id`, `retry`) is left out: fal's streams
// cannot be resumed.

import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'
import { FalLlmError } from '../../errors.ts'
import type { Clock } from '../../clock.ts'
import type { Deadline } from '../../deadline.ts'
import { openBody } from '../http/body-reader.ts'
import type { BodyReader } from '../http/body-reader.ts'

/** Bytes one event may take before the stream is given up: 32 MiB. */
export const maxEventBytes: number = 32 * 1024 * 1024

/** The error of an event over `maxEventBytes`. */
export function oversizedEvent(): FalLlmError {
  return new FalLlmError('provider', `fal sent an event of more than ${maxEventBytes} bytes`)
}

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

/** Begins the deadline's `idle` phase with the first event, and starts it anew with every other. */
export function createIdleTimer(deadline: Deadline): () => void {
  let beating = false
  return () => {
    if (beating) return deadline.progress()
    beating = true
    deadline.enter('idle')
  }
}

/**
 * Parses bytes as server-sent events. An event with empty data is passed over, unless it is named `error`.
 * `feed` throws FalLlmError `provider` for an event over `maxEventBytes`, and whatever `onMessage` throws.
 */
export function createSseParser(onMessage: (message: EventSourceMessage) => Reading): ByteSink {
  const state = { reading: 'more' as Reading }
  const parser = createParser({
    maxBufferSize: maxEventBytes,
    onEvent(message) {
      const says = message.data !== '' || message.event === 'error'
      if (says && state.reading !== 'done') state.reading = onMessage(message)
    },
    onError(error) {
      if (error.type !== 'max-buffer-size-exceeded') return
      throw oversizedEvent()
    },
  })
  const decoder = new TextDecoder()
  const endLines = createLineEnder()
  const dropComments = createCommentDropper()
  const feed = (text: string): void => {
    const rest = dropComments(endLines(text))
    if (rest) parser.feed(rest)
  }
  return {
    feed(bytes) {
      feed(decoder.decode(bytes, { stream: true }))
      return state.reading
    },
    end: () => feed(decoder.decode()),
  }
}

/**
 * Makes an LF of every CR that stands alone. It ends its line at once: the parser would wait for the LF that may follow,
 * and search all the text for one at every line.
 */
function createLineEnder(): (text: string) => string {
  let afterCr = false
  return (text) => {
    if (text === '') return text
    const lines = afterCr && text.startsWith('\n') ? text.slice(1) : text
    afterCr = text.endsWith('\r')
    return hasBareCr(lines) ? lines.replace(/\r\n?/g, '\n') : lines
  }
}

function hasBareCr(text: string): boolean {
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 2)) {
    if (text[at + 1] !== '\n') return true
  }
  return false
}

/** Takes out what is said in a comment that has no end yet: the parser would keep it until the line ends. */
function createCommentDropper(): (text: string) => string {
  let atLineStart = true
  let inComment = false
  return (text) => {
    if (text === '') return text
    if (!inComment && text.endsWith('\n')) {
      atLineStart = true
      return text
    }
    const start = inComment ? text.indexOf('\n') : 0
    if (start === -1) return ''
    const lastLine = text.lastIndexOf('\n') + 1
    inComment = (lastLine > 0 || atLineStart) && text.startsWith(':', lastLine)
    atLineStart = lastLine === text.length
    return text.slice(start, inComment ? lastLine + 1 : undefined)
  }
}

/** Reads an event stream as messages; the deadline's phase is `idle` from the first on. Throws as `readBytes` does. */
export function readSse(
  response: Response,
  deadline: Deadline,
  onMessage: (message: EventSourceMessage) => Reading,
): Promise<void> {
  const restartIdle = createIdleTimer(deadline)
  return readBytes(
    response,
    deadline,
    createSseParser((message) => {
      restartIdle()
      return onMessage(message)
    }),
  )
}

/**
 * Reads a body until the sink is `done` or the server ends it, and closes the connection.
 *
 * @throws FalLlmError `interrupted` when the connection breaks, the deadline's reason on abort; whatever the sink throws.
 */
export async function readBytes(
  response: Response,
  deadline: Deadline,
  sink: ByteSink,
): Promise<void> {
  const reader = openBody(response, deadline)
  // Not awaited: a server that stopped answering would hold us here.
  const cancel = (): void => void reader.cancel().catch(() => {})
  // A cancelled body ends the read that waits, whether or not the socket has heard of the abort: no read needs a race.
  deadline.signal.addEventListener('abort', cancel)
  if (deadline.signal.aborted) cancel()
  let cancelPatience: (() => void) | undefined
  try {
    for (;;) {
      let read: Read
      try {
        read = await reader.read()
      } catch (cause) {
        // After the last word a connection that breaks takes nothing from the answer.
        if (!cancelPatience && !deadline.signal.aborted) throw brokenConnection(cause)
        read = { done: true, value: undefined }
      }
      if (deadline.signal.aborted) throw deadline.signal.reason
      if (read.done) return sink.end()
      const reading = sink.feed(read.value)
      if (reading === 'done') return void drain(reader, deadline.clock)
      if (reading === 'closing' && !cancelPatience) {
        deadline.pause()
        cancelPatience = deadline.clock.setTimer(cancel, closingMs)
      }
    }
  } catch (error) {
    cancel()
    throw error
  } finally {
    cancelPatience?.()
    deadline.signal.removeEventListener('abort', cancel)
  }
}

type Read = Awaited<ReturnType<BodyReader['read']>>

/** Reads what is left of a good answer in the background: a connection that ends by itself can be used again. */
async function drain(reader: BodyReader, clock: Clock): Promise<void> {
  const giveUp = clock.setTimer(() => void reader.cancel().catch(() => {}), closingMs)
  try {
    while (!(await reader.read()).done);
  } catch {
    // Nothing of the answer is lost.
  } finally {
    giveUp()
  }
}

function brokenConnection(cause: unknown): FalLlmError {
  return new FalLlmError('interrupted', 'The connection broke before the answer was complete', {
    cause,
    retryable: true,
  })
}
