// A fetch handler as a listener of node:http and node:http2, and so of Express 4 and 5, Connect, Vite's dev server and
// Fastify's raw objects. Status, headers and bytes pass unchanged, a slow reader slows the answer down, a caller who leaves
// aborts the request at once, and nothing that either side sends can end the process.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import { toWaitMs } from './bounds.ts'
import { withClientAddress } from './client-address.ts'
import type { FetchHandler } from './fetch-handler.ts'
import { refuse } from './proxy/call/refuse.ts'

/** A listener of `createServer`, `app.use`, `app.all` and the like. The promise never rejects. */
export type NodeHandler = (request: NodeRequest, response: NodeResponse) => Promise<void>

/** The response object that the answer is written to. */
export type NodeResponse = ServerResponse | Http2ServerResponse

/** What Express, Connect and body parsers may have put on a request. */
export type NodeRequest = (IncomingMessage | Http2ServerRequest) & {
  originalUrl?: string | undefined
  /** Already read by a body parser such as `express.json()`. */
  body?: unknown
  /** The bytes of the body, where a body parser was set up to keep them. */
  rawBody?: unknown
}

/**
 * Turns a fetch handler into a Node listener. The listener never throws or rejects: Express 4 would let the process end.
 *
 * @throws RangeError for a lingerMs that is NaN, infinite or negative.
 * @param options.lingerMs How long a body that nobody reads may go on after the answer, milliseconds. Default 2000.
 */
export function toNodeHandler(
  handler: FetchHandler,
  options: { readonly lingerMs?: number } = {},
): NodeHandler {
  const lingerMs = toWaitMs('lingerMs', options.lingerMs, 2_000)
  return async (incoming, response) => {
    // An Http2ServerResponse has the methods of a ServerResponse; `isHttp2` is asked where the two differ.
    const outgoing = response as ServerResponse
    const gone = new AbortController()
    // A caller who closes after the last byte has not left early; HTTP/2 emits the same events for both.
    let isWritten = false
    const leave = (): void => {
      if (!isWritten) gone.abort()
    }
    outgoing.on('close', leave)
    // An error event without a listener ends the process; `close` follows each of them.
    outgoing.on('error', leave)
    incoming.on('error', leave)
    let answer: Response | undefined
    try {
      const request = toRequest(incoming, gone.signal)
      answer = request
        ? await handler(request)
        : refuse(400, 'the request line or a header is malformed')
      await write(answer, outgoing, gone.signal)
      isWritten = true
    } catch {
      // Nobody would receive what fal still sends.
      gone.abort()
      if (answer?.body && !answer.body.locked) answer.body.cancel().catch(() => {})
      fail(outgoing)
    }
    linger(incoming, lingerMs)
  }
}

function toRequest(incoming: NodeRequest, signal: AbortSignal): Request | undefined {
  try {
    const headers = new Headers()
    for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
      const name = incoming.rawHeaders[i] ?? ''
      // HTTP/2 lists its pseudo headers, such as `:path`, here too.
      if (!name.startsWith(':')) headers.append(name, incoming.rawHeaders[i + 1] ?? '')
    }
    const method = incoming.method ?? 'GET'
    const hasBody = method !== 'GET' && method !== 'HEAD'
    const request = new Request(toUrl(incoming), {
      method,
      headers,
      signal,
      ...(hasBody && { body: toBody(incoming), duplex: 'half' }),
    })
    return withClientAddress(request, incoming.socket.remoteAddress)
  } catch {
    return undefined
  }
}

function toUrl(incoming: NodeRequest): URL {
  const isEncrypted = 'encrypted' in incoming.socket
  const host = incoming.headers.host ?? incoming.headers[':authority'] ?? 'localhost'
  const path = incoming.originalUrl ?? incoming.url ?? '/'
  return new URL(
    `${isEncrypted ? 'https' : 'http'}://${String(host)}${path.startsWith('/') ? path : '/'}`,
  )
}

function toBody(incoming: NodeRequest): BodyInit {
  const { rawBody, body } = incoming
  if (rawBody instanceof Uint8Array) return new Uint8Array(rawBody)
  if (!incoming.readableDidRead || body === undefined) return toStream(incoming)
  if (body instanceof Uint8Array) return new Uint8Array(body)
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function toStream(incoming: NodeRequest): ReadableStream<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = incoming.iterator({ destroyOnReturn: false })
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(new Uint8Array(value))
      },
      async cancel() {
        await pieces.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

async function write(answer: Response, outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  if (gone.aborted) {
    answer.body?.cancel().catch(() => {})
    return void outgoing.destroy()
  }
  outgoing.statusCode = answer.status
  if (answer.statusText && !isHttp2(outgoing)) outgoing.statusMessage = answer.statusText
  for (const [name, value] of answer.headers) {
    outgoing.setHeader(name, name === 'set-cookie' ? answer.headers.getSetCookie() : value)
  }
  if (!answer.body) return void outgoing.end()
  // A caller learns from the head that a stream has begun; the head of a short answer leaves together with its body.
  if (answer.headers.get('content-type')?.startsWith('text/event-stream')) outgoing.flushHeaders()
  const reader = answer.body.getReader()
  gone.addEventListener('abort', () => void reader.cancel().catch(() => {}))
  for (;;) {
    const { done, value } = await reader.read()
    if (gone.aborted) return void outgoing.destroy()
    if (done) return void outgoing.end()
    if (!outgoing.write(value)) await drained(outgoing)
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const proceed = (): void => {
      outgoing.off('drain', proceed)
      outgoing.off('close', proceed)
      resolve()
    }
    outgoing.on('drain', proceed)
    outgoing.on('close', proceed)
  })
}

// HTTP/2 has no status text, and Node prints a warning when one is set.
function isHttp2(outgoing: ServerResponse): boolean {
  return outgoing.req.httpVersionMajor >= 2
}

// Once the head has left, only a cut connection shows the caller that the answer is not whole.
function fail(outgoing: ServerResponse): void {
  if (outgoing.headersSent || outgoing.destroyed) {
    // Node sends what was written in this tick together; cutting now would lose those last bytes.
    return void setImmediate(() => outgoing.destroy())
  }
  // One of these headers may be the reason why the answer could not be written.
  for (const name of outgoing.getHeaderNames()) outgoing.removeHeader(name)
  outgoing.statusCode = 500
  if (!isHttp2(outgoing)) outgoing.statusMessage = ''
  outgoing.setHeader('content-type', 'application/json')
  outgoing.end('{"detail":"fal proxy: the answer could not be written"}')
}

// The rest of an unread body is received for a moment: closing the socket while a caller sends would lose the answer.
function linger(incoming: NodeRequest, lingerMs: number): void {
  if (incoming.complete || incoming.destroyed) return
  incoming.resume()
  const timer = setTimeout(() => incoming.destroy(), lingerMs)
  incoming.on('end', () => clearTimeout(timer))
  incoming.on('close', () => clearTimeout(timer))
}
