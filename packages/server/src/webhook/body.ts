/** Bounds on a body whose sender is not verified yet. */
export interface BodyBounds {
  readonly maxBytes: number
  /** The size that the sender stated; it only decides the first allocation. Default 0: not known. */
  readonly expectedBytes?: number
  /** Longest wait for the whole of it, milliseconds. Default 0: no limit. */
  readonly timeoutMs?: number
}

/**
 * Reads a body into one buffer. Each piece is copied into it and released at once, so that a call holds no more memory
 * than the bytes it sent. A body that breaks its bounds is cancelled.
 *
 * @throws What the stream failed with; TypeError when somebody else is reading it.
 */
export async function collectBytes(
  body: ReadableStream<Uint8Array> | null,
  { maxBytes, expectedBytes = 0, timeoutMs = 0 }: BodyBounds,
): Promise<Uint8Array<ArrayBuffer> | 'too-large' | 'too-slow'> {
  let bytes = new Uint8Array(Math.min(expectedBytes, maxBytes))
  if (expectedBytes > maxBytes) return 'too-large'
  if (!body) return bytes.subarray(0, 0)
  const reader = body.getReader()
  // Not awaited: `cancel` may wait for a sender that has stopped. It also ends the pending read.
  const cancel = (): void => void reader.cancel().catch(() => {})
  let isLate = false
  const onLate = (): void => {
    isLate = true
    cancel()
  }
  const timer = timeoutMs > 0 ? setTimeout(onLate, Math.min(timeoutMs, 2 ** 31 - 1)) : undefined
  try {
    for (let size = 0; ;) {
      const { done, value } = await reader.read()
      if (isLate) return 'too-slow'
      if (done) return bytes.subarray(0, size)
      const end = size + value.byteLength
      if (end > maxBytes) {
        cancel()
        return 'too-large'
      }
      if (end > bytes.byteLength) bytes = grow(bytes, end, maxBytes)
      bytes.set(value, size)
      size = end
    }
  } finally {
    clearTimeout(timer)
  }
}

// Doubles the buffer, so that a body of many small pieces is copied a few times, not once per piece.
function grow(
  bytes: Uint8Array<ArrayBuffer>,
  neededBytes: number,
  maxBytes: number,
): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(Math.max(neededBytes, 2 * bytes.byteLength), maxBytes))
  larger.set(bytes)
  return larger
}
