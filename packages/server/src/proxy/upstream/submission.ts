import { parseObject } from '../../json.ts'
import { refuse } from '../call/refuse.ts'

const maxSubmissionBytes = 1_048_576

/** fal's answer to a submit. */
export interface Submission {
  /** The answer to pass on where no job was accepted. */
  readonly response: Response
  /** fal's id of the job; undefined where it was not accepted. */
  readonly requestId: string | undefined
  /** Writes the answer with another id in place of fal's. */
  readonly withRequestId: (requestId: string) => Response
}

/**
 * Reads the answer to a submit. Never rejects: an answer that broke off becomes a 502.
 *
 * @param onRead Called with the bytes that the caller gets.
 */
export async function readSubmission(
  response: Response,
  onRead: (bytes: Uint8Array) => void,
): Promise<Submission> {
  const unchanged = { response, requestId: undefined, withRequestId: () => response }
  if (!response.ok || !response.body) return unchanged
  const text = await readText(response.body)
  const { status, statusText, headers } = response
  const named = toRequestId(headers.get('x-fal-request-id'))
  if (text === undefined) return brokenOff(named)
  const requestId = toRequestId(parseObject(text)?.['request_id']) ?? named
  const withRequestId = (id: string): Response => {
    if (headers.has('x-fal-request-id')) headers.set('x-fal-request-id', id)
    return write(requestId === undefined ? text : text.replaceAll(requestId, id))
  }
  const write = (whole: string): Response => {
    const bytes = new TextEncoder().encode(whole)
    onRead(bytes)
    return new Response(bytes, { status, statusText, headers })
  }
  return requestId === undefined
    ? { response: write(text), requestId, withRequestId }
    : { response, requestId, withRequestId }
}

// The status already means that the job was accepted, and most answers have its id in a header.
function brokenOff(requestId: string | undefined): Submission {
  const withRequestId = (id: string | undefined): Response =>
    refuse(
      502,
      `the connection to fal broke; the job was accepted${id === undefined ? ', its id was lost' : ` as ${id}`}`,
      id === undefined ? {} : { 'x-fal-request-id': id },
    )
  return { response: withRequestId(requestId), requestId, withRequestId }
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const piece of body) {
      text += decoder.decode(piece, { stream: true })
      if (text.length > maxSubmissionBytes) return undefined
    }
    return text + decoder.decode()
  } catch {
    return undefined
  }
}

function toRequestId(id: unknown): string | undefined {
  return typeof id === 'string' && /^[A-Za-z0-9][A-Za-z0-9_-]{0,160}$/.test(id) ? id : undefined
}
