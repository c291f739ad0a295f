import { toFields } from '../../json.ts'
import { refuse } from '../call/refuse.ts'

/** Bounds on a request body. */
export interface BodyLimits {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** Reads a body within bounds. Resolves with a refusal where the body breaks them: 413, 408 or 400. Never rejects. */
export async function readBody(
  request: Request,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const length = request.headers.get('content-length')
  if (Number(length) > maxBytes) return tooLarge(maxBytes)
  const isKnown = length !== null && /^\d+$/.test(length)
  const reading = isKnown ? readKnown(request) : readUnknown(request, maxBytes)
  const timeout = createTimeout(timeoutMs)
  try {
    const bytes = await Promise.race([reading.bytes, timeout.over])
    if (bytes === undefined) return refuse(408, `the body did not arrive within ${timeoutMs} ms`)
    return bytes.byteLength > maxBytes ? tooLarge(maxBytes) : bytes
  } catch (error) {
    // SvelteKit fails a body that is over its own limit with an error of status 413.
    if (toFields(error)['status'] === 413) {
      return refuse(413, "the body is larger than the server's own limit; raise that, too")
    }
    return refuse(400, 'the body broke off')
  } finally {
    timeout.clear()
    reading.stop()
  }
}

interface Reading {
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>
  readonly stop: () => void
}

// Servers cut a body at its content-length, and `arrayBuffer` reads such a body much faster than a reader does.
function readKnown(request: Request): Reading {
  const bytes = request.arrayBuffer().then((buffer) => new Uint8Array(buffer))
  return { bytes, stop: () => void bytes.catch(() => {}) }
}

/** Reads piece by piece and stops when there are more bytes than allowed. */
function readUnknown({ body }: Request, maxBytes: number): Reading {
  const reader = body?.getReader()
  const collect = async (): Promise<Uint8Array<ArrayBuffer>> => {
    const pieces: Uint8Array<ArrayBuffer>[] = []
    for (let size = 0; reader && size <= maxBytes;) {
      const { done, value } = await reader.read()
      if (done) break
      size += value.byteLength
      pieces.push(value)
    }
    return new Uint8Array(await new Blob(pieces).arrayBuffer())
  }
  const bytes = collect()
  return {
    bytes,
    stop() {
      bytes.catch(() => {})
      // Not awaited: `cancel` may wait for a caller that has stopped sending.
      reader?.cancel().catch(() => {})
    },
  }
}

function tooLarge(maxBytes: number): Response {
  return refuse(
    413,
    `the body is larger than ${maxBytes} bytes (maxBodyBytes); upload files instead`,
  )
}

function createTimeout(timeoutMs: number): { over: Promise<undefined>; clear: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<undefined>((resolve) => {
    if (timeoutMs > 0) timer = setTimeout(() => resolve(undefined), timeoutMs)
  })
  return { over, clear: () => clearTimeout(timer) }
}
