// One request to fal and its answer back, as they are. Never sent twice, never redirected, always ended:
// when the caller leaves, when fal says nothing for too long, or when the answer is over.

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
  /** Ends the call when aborted: the caller's own, where nobody else needs the answer. */
  readonly signal: AbortSignal
  /** Whether a short answer is read to its end before it is passed on. */
  readonly isCollected: boolean
  readonly fetch: typeof fetch
  readonly limits: ConnectionLimits
  /** What is never to be seen in a status line, header or body, and what stands there instead. */
  readonly replacements: Replacements
  /** The id under which the caller shall know what fal calls so. */
  readonly nameJob: (requestId: string) => string | Promise<string>
  /** Headers that the answer carries besides fal's. */
  readonly moreHeaders: Readonly<Record<string, string>>
  readonly onFailure: (error: unknown) => void
  /** Hears of the connection before anything is sent on it. */
  readonly onOpen: (connection: UpstreamConnection) => void
  /** Hears of each piece of the answer that is passed on. */
  readonly onRead: (bytes: Uint8Array) => void
  /** Hears how the answer ended, once. */
  readonly onClose: (ending: Ending) => void
}

// undici names the failures that happen before a byte of the request could be read by anyone.
const beforeSending: readonly unknown[] = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]
/** Up to here an answer whose length is known is read whole. */
const shortAnswerBytes = 65_536
/** What an encoded answer may come to; fal was asked for plain ones, and 165 bytes of Brotli can be 640 MB. */
const maxDecodedBytes = 33_554_432
// fetch undoes these by itself, so the body is plain by the time it passes here.
const decodedByFetch: readonly string[] = ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br']

/** Sends the request and answers with what came back; 502, 503 or 504 where nothing usable did. Never rejects. */
export async function forward(request: UpstreamRequest): Promise<Response> {
  const connection = openUpstreamConnection(request.signal, request.limits, request.onClose)
  request.onOpen(connection)
  // Workers refuse a fetch that is called as a method.
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
      // A redirect would carry the key to a host of somebody's choosing.
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

// An answer nobody will read must not stay open, and an abort alone can be lost (relay.ts).
function hangUp(connection: UpstreamConnection, upstream: Response | undefined): void {
  connection.close('error')
  connection.stop('interrupted')
  if (upstream?.body && !upstream.body.locked) upstream.body.cancel().catch(() => {})
}

function unusable(upstream: Response): string | undefined {
  // Outside Node a redirect that is not followed has status 0.
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
  // Written once and whole: a server may take an answer apart at much less cost while nobody asked for its headers.
  const headers = { ...toCallerHeaders(upstream.headers, replacements.inText), ...moreHeaders }
  const requestId = headers['x-fal-request-id']
  const name = requestId ? nameJob(requestId) : undefined
  const isEncoded = (upstream.headers.get('content-encoding') ?? 'identity') !== 'identity'
  const maxBytes = isEncoded ? maxDecodedBytes : Infinity
  const stream =
    upstream.body && !(isCollected && isShort(upstream.headers, isEncoded))
      ? // Words must not get lost while the answer waits for its name.
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
  // A short answer leaves in one piece; where it breaks off, a 502 says more than half of it.
  const bytes = upstream.body && replacements.inWhole(new Uint8Array(await upstream.arrayBuffer()))
  const answer = new Response(bytes, head)
  if (bytes) onRead(bytes)
  connection.close('done')
  return answer
}

// What an encoded answer will come to, its length does not say.
function isShort(headers: Headers, isEncoded: boolean): boolean {
  const length = headers.get('content-length')
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false
  return length !== null && Number(length) <= shortAnswerBytes && !isStream && !isEncoded
}

// Happy Eyeballs reports one AggregateError with a cause per address.
function couldNotBeSent(thrown: unknown): boolean {
  const { code, cause, errors } = toFields(thrown)
  if (beforeSending.includes(code)) return true
  return (
    (cause !== undefined && couldNotBeSent(cause)) ||
    (Array.isArray(errors) && errors.some(couldNotBeSent))
  )
}
