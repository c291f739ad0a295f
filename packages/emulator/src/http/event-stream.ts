/** How one event is written. */
export interface EventFraming {
  readonly lineEnd: string
  /** The `event:` line; undefined for none. */
  readonly name?: string | undefined
  /** A comment line before the event. */
  readonly comment?: string | undefined
}

/** Writes one server-sent event. `data` must be one line. */
export function writeEvent(data: string, { lineEnd, name, comment }: EventFraming): string {
  const before = comment === undefined ? '' : `: ${comment}${lineEnd}${lineEnd}`
  const event = name === undefined ? '' : `event: ${name}${lineEnd}`
  return `${before}${event}data: ${data}${lineEnd}${lineEnd}`
}

/**
 * Answers with frames as they come, each in a chunk of its own. The next frame is taken when the last one was read, so a
 * reader that stops reading stops the work.
 *
 * @param onCancel Called when the client has left.
 */
export function toEventStream(
  frames: AsyncGenerator<string, void>,
  onCancel: () => void,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await frames.next()
        if (done) controller.close()
        else controller.enqueue(encoder.encode(value))
      },
      cancel() {
        onCancel()
        // `return` waits for the frame being made, which `onCancel` has just aborted.
        void frames.return().catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Set here, so that the head is sent before the first event.
      'transfer-encoding': 'chunked',
      'x-accel-buffering': 'no',
      ...headers,
    },
  })
}
