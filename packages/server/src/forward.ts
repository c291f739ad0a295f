// One request to fal and its answer back, as they are. Never sent twice, never redirected, always ended:
// when the caller leaves, when fal says nothing for too long, or when the answer is over.

import { toCallerHeaders } from './header-lists.ts'
import { openLine } from './line.ts'
import type { Line } from './line.ts'
import { refuse } from './refuse.ts'
import { relay } from './relay.ts'
import type { Replacements } from './replacements.ts'

/** One request to fal. */
export interface Errand {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | undefined
  /** Ends the call when aborted: the caller's own, where nobody else needs the answer. */
  readonly signal: AbortSignal
  /** Whether a short answer is read to its end before it is passed on. */
  readonly isCollected: boolean
  readonly fetch: typeof fetch
  /** Milliseconds without a byte from fal; 0 waits for ever. */
  readonly idleTimeoutMs: number
  /** What is never to be seen in a status line, header or body, and what stands there instead. */
  readonly replacements: Replacements
  readonly onFailure: (error: unknown) => void
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
// fetch undoes these by itself, so the body is plain by the time it passes here.
const decodedByFetch: readonly string[] = ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br']

/** Sends the errand and answers with what came back; 502, 503 or 504 where nothing usable did. Never rejects. */
export async function forward(errand: Errand): Promise<Response> {
  const line = openLine(errand.signal, errand.idleTimeoutMs)
  // Workers refuse a fetch that is called as a method.
  const { fetch: send } = errand
  try {
    const upstream = await send(errand.url, {
      method: errand.method,
      headers: errand.headers,
      ...(errand.body && { body: errand.body }),
      signal: line.signal,
      // A redirect would carry the key to a host of somebody's choosing.
      redirect: 'manual',
    })
    line.heard()
    const problem = unusable(upstream)
    if (!problem) return await toAnswer(upstream, line, errand)
    line.stop()
    return refuse(502, problem)
  } catch (error) {
    const wasIdle = line.isIdle()
    line.close()
    if (!errand.signal.aborted) errand.onFailure(error)
    if (wasIdle) return refuse(504, `fal did not answer within ${errand.idleTimeoutMs} ms`)
    return couldNotBeSent(error)
      ? refuse(503, 'fal could not be reached; the call was not sent')
      : refuse(
          502,
          'the connection to fal broke before its answer was there; the call may have been accepted',
        )
  }
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
  line: Line,
  { replacements, isCollected }: Errand,
): Promise<Response> {
  const head = {
    status: upstream.status,
    statusText: replacements.inText(upstream.statusText),
    headers: toCallerHeaders(upstream.headers, replacements.inText),
  }
  if (upstream.body && !(isCollected && isShort(upstream.headers))) {
    return new Response(relay(upstream.body, line, replacements), head)
  }
  // A short answer leaves in one piece; where it breaks off, a 502 says more than half of it.
  const bytes = upstream.body && new Uint8Array(await upstream.arrayBuffer())
  line.close()
  return new Response(bytes && replacements.inWhole(bytes), head)
}

function isShort(headers: Headers): boolean {
  const length = headers.get('content-length')
  const isStream = headers.get('content-type')?.startsWith('text/event-stream') ?? false
  return length !== null && Number(length) <= shortAnswerBytes && !isStream
}

// Happy Eyeballs reports one AggregateError with a cause per address.
function couldNotBeSent(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false
  const { code, cause, errors } = thrown as { code?: unknown; cause?: unknown; errors?: unknown }
  if (beforeSending.includes(code)) return true
  return couldNotBeSent(cause) || (Array.isArray(errors) && errors.some(couldNotBeSent))
}
