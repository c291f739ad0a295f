import { refusal } from './refusal.ts'

/**
 * Reads a request's body, up to a limit.
 *
 * @throws 413 when the content-length, or what was read, is over the limit.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > maxBytes) throw tooLarge(maxBytes)
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = request.body?.getReader()
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
    if (done) return join(chunks, length)
    length += value.byteLength
    if (length > maxBytes) {
      void reader?.cancel().catch(() => {})
      throw tooLarge(maxBytes)
    }
    chunks.push(value)
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks
  if (chunks.length === 1 && first) return first
  const all = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    all.set(chunk, offset)
    offset += chunk.byteLength
  }
  return all
}

function tooLarge(maxBytes: number): Error {
  return refusal(413, `The request body is larger than ${maxBytes} bytes, the emulator's limit`)
}
