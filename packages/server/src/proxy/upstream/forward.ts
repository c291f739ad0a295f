// Sends one request to fal and returns the answer. A request is never sent twice, because it costs money; a redirect is never
// followed, because the key would go with it; and every request ends: with the answer, when the caller leaves, or when fal
// sends nothing for too long.

import { toFields } from '../../json.ts'
import type { Ending } from '../call/call-record.ts'
import { refuse } from '../call/refuse.ts'
import { toCallerHeaders } from './header-lists.ts'
import { relay } from './relay.ts'
import type { Replacements } from './replacements.ts'
import { openUpstreamConnection } from './upstream-connection.ts'
import type { UpstreamConnection, ConnectionLimits } from './upstream-connection.ts'

/** One request to fal. */
export interface UpstreamRequest {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | undefined
  /** Ends the request when aborted. The caller's own signal, unless the answer is needed without the caller. */
  readonly signal: AbortSignal
  /** Whether a short answer is read whole before it is passed on. */
  readonly isCollected: boolean
  readonly fetch: typeof fetch
  readonly limits: ConnectionLimits
  /** What is replaced in the status line, the headers and the body. */
  readonly replacements: Replacements
  /** Turns fal's request id into the one that the caller gets. */
  readonly nameJob: (requestId: string) => string | Promise<string>
  /** Headers that are added to fal's. */
  readonly moreHeaders: Readonly<Record<string, string>>
  readonly onFailure: (error: unknown) => void
  /** Called with the connection before anything is sent. */
  readonly onOpen: (connection: UpstreamConnection) => void
  /** Called with each piece of the answer that is passed on. */
  readonly onRead: (bytes: Uint8Array) => void
  /** Called once with how the answer ended. */
  readonly onClose: (ending: Ending) => void
}

// Codes of failures after which fal cannot have received a byte of the request (undici's and Node's).
const beforeSending: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]
/** An answer of known length is read whole up to this size. */
const shortAnswerBytes = 65_536
/** The largest decoded size of a compressed answer: 165 bytes of Brotli can be 640 MB. fal was asked for plain ones. */
const maxDecodedBytes = 33_554_432
// fetch decodes these by itself, so the body is plain when it arrives here.
const decodedByFetch: readonly string[] = ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br']

/**
 * Sends the request. Resolves with fal's answer, or with a 502, 503 or 504 where there is no usable one. Never rejects.
 */
export async function forward(request: UpstreamRequest): Promise<Response> {
  const connection = openUpstreamConnection(request.signal, request.limits, request.onClose)
  request.onOpen(connection)
  // Cloudflare Workers throw when fetch is called as a method of an object.
  const { fetch: send } = request
  let upstream: Response | undefined
  const refuseWith = (status: number, detail: string): Response =>
    refuse(status, detail, request.moreHeaders)
  try {
    upstream = await send(request.url, {
      method: request.method,
      headers: request.headers,
      ...(request.body && { body: request.body }),
      signal: connection.signal,
      // A redirect would send the key to whatever host it names.
      redirect: 'manual',
    })
    connection.resetIdle()
    const problem = unusable(upstream)
    if (!problem) return await toAnswer(upstream, connection, request)
    hangUp(connection, upstream)
    return refuseWith(502, problem)
  } catch (error) {
    const wasCut = connection.isStopped()
    hangUp(connection, upstream)
    if (request.signal.aborted) return refuseWith(499, 'the caller left')
    request.onFailure(error)
    if (connection.isIdle()) {
      return refuseWith(504, `fal did not answer within ${request.limits.idleTimeoutMs} ms`)
    }
    if (wasCut) return refuseWith(504, 'the call was ended before fal had answered (maxStreamMs)')
    return couldNotBeSent(error)
      ? refuseWith(503, 'fal could not be reached; the call was not sent')
      : refuseWith(
          502,
          'the connection to fal broke before its answer was there; the call may have been accepted',
        )
  }
}

// An answer that nobody reads must not stay open. The abort alone is not enough: Node 20 can lose it (see relay.ts).
function hangUp(connection: UpstreamConnection, upstream: Response | undefined): void {
  connection.close('error')
  connection.stop('interrupted')
  if (upstream?.body && !upstream.body.locked) upstream.body.cancel().catch(() => {})
}

function unusable(upstream: Response): string | undefined {
  // Outside Node, a redirect that is not followed has status 0.
  if (upstream.status === 0 || (upstream.status >= 300 && upstream.status < 400)) {
    return 'fal answered with a redirect, which is not followed'
  }
  const encoding = upstream.headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  return encoding.split(/\s*,\s*/).every((name) => decodedByFetch.includes(name))
    ? undefined
    : 'fal answered in an encoding that was not asked for'
}

async function toAnswer(
  upstream: Response,
  connection: UpstreamConnection,
  { replacements, isCollected, onRead, nameJob, moreHeaders }: UpstreamRequest,
): Promise<Response> {
  // The headers are complete before the Response is made: reading `headers` of it later would slow the Node server down.
  const headers = { ...toCallerHeaders(upstream.headers, replacements.inText), ...moreHeaders }
  const requestId = headers['x-fal-request-id']
  const name = requestId ? nameJob(requestId) : undefined
  const isEncoded = (upstream.headers.get('content-encoding') ?? 'identity') !== 'identity'
  const maxBytes = isEncoded ? maxDecodedBytes : Infinity
  const stream =
    upstream.body && !(isCollected && isShort(upstream.headers, isEncoded))
      ? // The first piece must not get lost while the id is made.
        relay(upstream.body, connection, replacements, {
          maxBytes,
          onRead,
          readsAhead: name instanceof Promise,
        })
      : undefined
  if (name !== undefined) headers['x-fal-request-id'] = await name
  const { status } = upstream
  const head = { status, statusText: replacements.inText(upstream.statusText), headers }
  if (stream) return new Response(stream, head)
  // A short answer is sent whole. If it breaks off here, the caller gets a 502, which is clearer than half an answer.
  const bytes = upstream.body && replacements.inWhole(new Uint8Array(await upstream.arrayBuffer()))
  const answer = new Response(bytes, head)
  if (bytes) onRead(bytes)
  connection.close('done')
  return answer
}

// The length of an encoded answer is that of its encoded bytes.
function isShort(headers: Headers, isEncoded: boolean): boolean {
  const length = headers.get('content-length')
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false
  return length !== null && Number(length) <= shortAnswerBytes && !isStream && !isEncoded
}

// A host with several addresses fails with one AggregateError that holds an error per address.
function couldNotBeSent(thrown: unknown): boolean {
  const { code, cause, errors } = toFields(thrown)
  if (beforeSending.includes(code)) return true
  return (
    (cause !== undefined && couldNotBeSent(cause)) ||
    (Array.isArray(errors) && errors.some(couldNotBeSent))
  )
}
