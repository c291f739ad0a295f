import { refuse } from './refuse.ts'

/** Bounds on a request body. */
export interface BodyLimits {
  readonly maxBytes: number
  readonly timeoutMs: number
}

/**
 * Reads a body within bounds; the answer to give where it breaks them: 413, 408, 400.
 * Counts the bytes that come, whatever content-length says. Never rejects.
 */
export async function readBody(
  request: Request,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const tooLarge = (): Response =>
    refuse(413, `the body is larger than ${maxBytes} bytes (maxBodyBytes); upload files instead`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return tooLarge()
  if (!request.body) return new Uint8Array(0)
  const reader = request.body.getReader()
  const timeout = createTimeout(timeoutMs)
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), timeout.over])
      if (read === undefined) return refuse(408, `the body did not arrive within ${timeoutMs} ms`)
      if (read.done) return join(pieces, size)
      size += read.value.byteLength
      if (size > maxBytes) return tooLarge()
      pieces.push(read.value)
    }
  } catch {
    return refuse(400, 'the body broke off')
  } finally {
    timeout.clear()
    // Not awaited: a caller that stopped sending would hold us here.
    reader.cancel().catch(() => {})
  }
}

function createTimeout(timeoutMs: number): { over: Promise<undefined>; clear: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<undefined>((resolve) => {
    if (timeoutMs > 0) timer = setTimeout(() => resolve(undefined), timeoutMs)
  })
  return { over, clear: () => clearTimeout(timer) }
}

function join(pieces: readonly Uint8Array<ArrayBuffer>[], size: number): Uint8Array<ArrayBuffer> {
  const [first] = pieces
  if (pieces.length === 1 && first) return first
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}
