// One request to fal and its answer back, as they are. Never sent twice, never redirected, always ended:
// when the caller leaves, when fal says nothing for too long, or when the answer is over.

import { createByteReplacer } from './byte-replacer.ts'
import { toCallerHeaders } from './header-lists.ts'
import { refuse } from './refuse.ts'

/** One request to fal. */
export interface Errand {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer> | undefined
  /** The caller's: aborted when the caller is gone. */
  readonly signal: AbortSignal
  readonly fetch: typeof fetch
  /** Milliseconds without a byte from fal; 0 waits for ever. */
  readonly idleTimeoutMs: number
  /** What is never to be seen in a status line, header or body, and what stands there instead. */
  readonly replacements: ReadonlyMap<string, string>
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
// fetch undoes these by itself, so the body is plain by the time it passes here.
const decodedByFetch: readonly string[] = ['', 'identity', 'gzip', 'x-gzip', 'deflate', 'br']

/** Sends the errand and answers with what came back; 502, 503 or 504 where nothing usable did. Never rejects. */
export async function forward(errand: Errand): Promise<Response> {
  const line = openLine(errand.signal, errand.idleTimeoutMs)
  try {
    const upstream = await errand.fetch(errand.url, {
      method: errand.method,
      headers: errand.headers,
      ...(errand.body && { body: errand.body }),
      signal: line.signal,
      // A redirect would carry the key to a host of somebody's choosing.
      redirect: 'manual',
    })
    line.heard()
    const problem = unusable(upstream)
    if (!problem) return toAnswer(upstream, line, errand.replacements)
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
          'the connection to fal broke before it answered; the call may have been accepted',
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

function toAnswer(
  upstream: Response,
  line: Line,
  replacements: ReadonlyMap<string, string>,
): Response {
  const rewrite = (value: string): string =>
    [...replacements].reduce((text, [secret, other]) => text.replaceAll(secret, other), value)
  const head = {
    status: upstream.status,
    statusText: rewrite(upstream.statusText),
    headers: toCallerHeaders(upstream.headers, rewrite),
  }
  if (upstream.body) return new Response(relay(upstream.body, line, replacements), head)
  line.close()
  return new Response(null, head)
}

function relay(
  body: ReadableStream<Uint8Array>,
  line: Line,
  replacements: ReadonlyMap<string, string>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const replacer = createByteReplacer(replacements)
  // Not left to the signal alone: Node 20 can lose an abort once fetch's own request object was collected.
  line.signal.addEventListener('abort', () => void reader.cancel().catch(() => {}))

  const next = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      const { done, value } = await reader.read()
      // A cancelled read says "done" as well; an answer cut short must not look whole.
      if (line.signal.aborted) throw new Error('the call was stopped')
      line.heard()
      if (done) return undefined
      const bytes = replacer.push(value)
      if (bytes.length > 0) return bytes
    }
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const bytes = await next()
          if (bytes) return controller.enqueue(bytes)
          line.close()
          const rest = replacer.end()
          if (rest.length > 0) controller.enqueue(rest)
          controller.close()
        } catch {
          line.close()
          controller.error(new Error('fal proxy: the answer broke off'))
        }
      },
      cancel: () => line.stop(),
    },
    // Nothing is read ahead: a caller that stops reading stops fal.
    { highWaterMark: 0 },
  )
}

/** What ends a call before its time. */
interface Line {
  readonly signal: AbortSignal
  /** Ends the call to fal. */
  stop(): void
  /** A byte came. */
  heard(): void
  /** The idle time-out was what ended it. */
  isIdle(): boolean
  /** The answer is over: nothing is watched any more. */
  close(): void
}

function openLine(caller: AbortSignal, idleTimeoutMs: number): Line {
  const controller = new AbortController()
  let heardAt = Date.now()
  let idle = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const close = (): void => {
    clearTimeout(timer)
    caller.removeEventListener('abort', stop)
  }
  const stop = (): void => {
    close()
    controller.abort()
  }
  // One timer for the whole call: re-arming it at every byte would cost more than the byte.
  const watch = (waitMs: number): void => {
    timer = setTimeout(() => {
      const leftMs = heardAt + idleTimeoutMs - Date.now()
      if (leftMs > 0) return watch(leftMs)
      idle = true
      stop()
    }, waitMs)
  }

  caller.addEventListener('abort', stop)
  if (caller.aborted) stop()
  else if (idleTimeoutMs > 0) watch(idleTimeoutMs)
  return {
    signal: controller.signal,
    stop,
    heard: () => void (heardAt = Date.now()),
    isIdle: () => idle,
    close,
  }
}

// Happy Eyeballs reports one AggregateError with a cause per address.
function couldNotBeSent(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false
  const { code, cause, errors } = thrown as { code?: unknown; cause?: unknown; errors?: unknown }
  if (beforeSending.includes(code)) return true
  return couldNotBeSent(cause) || (Array.isArray(errors) && errors.some(couldNotBeSent))
}
