/**
 * Changes the chunks of a body as they pass. Ending early cancels the source. The signal is aborted when the reader
 * leaves.
 */
export type BodyTransform = (
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
) => AsyncGenerator<Uint8Array, void>

/** Passes a response's body through a transform, one chunk per read. A response without a body stays as it is. */
export function transformBody(response: Response, transform: BodyTransform): Response {
  if (!response.body) return response
  const abort = new AbortController()
  const reader = response.body.getReader()
  const chunks = transform(readChunks(reader), abort.signal)
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel() {
        abort.abort()
        void reader.cancel().catch(() => {})
        void chunks.return().catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  headers.set('transfer-encoding', 'chunked')
  return new Response(body, { status: response.status, headers })
}

async function* readChunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    void reader.cancel().catch(() => {})
  }
}
