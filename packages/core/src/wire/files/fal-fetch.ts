// The `fetch` that @fal-ai/client is given. The client builds fal's URLs and bodies; where they go, with which key,
// how long they may take and what is sent again is decided by our own `http`. It throws FalLlmErrors without a cause:
// the client looks for transport errors in causes and would send a POST again on its own.

import type { FalLlmError } from '../../errors.ts'
import { toFalLlmError } from '../../errors.ts'
import type { Clock } from '../../clock.ts'
import { readText } from '../http/http.ts'
import type { Http, HttpCall, HttpOptions } from '../http/http.ts'
import { isEventStream, maxEventBytes } from '../sse/sse.ts'
import { createSendFile } from './send-file.ts'
import { createDeadline } from '../../deadline.ts'
import type { Timeouts, Deadline } from '../../deadline.ts'

/** What a `fetch` for the client is made of. */
export interface FalFetchOptions {
  readonly http: Http
  readonly clock: Clock
  readonly timeouts: Timeouts | undefined
  /** What `http` was made of: files go past it, to addresses fal hands out. */
  readonly httpOptions: HttpOptions
}

/** What one caller wants of the requests made for it. */
export interface FalFetchCall {
  /** Ends every request. */
  readonly signal?: AbortSignal | undefined
  /** Nothing is sent again after this has aborted. */
  readonly noMoreTries?: AbortSignal | undefined
  /** Hears how many more bytes of a file have gone. */
  readonly onSent?: ((bytes: number) => void) | undefined
  /** Hears that a file, or a part of one, could not be sent. */
  readonly onFileFailed?: ((error: FalLlmError) => void) | undefined
}

/** Creates a `fetch` with our policy. */
export function createFalFetch(options: FalFetchOptions, call: FalFetchCall = {}): typeof fetch {
  const sendFile = createSendFile(options.httpOptions)
  return async (resource, init = {}) => {
    const url = String(resource instanceof Request ? resource.url : resource)
    const deadline = createDeadline(options.clock, options.timeouts, init.signal ?? call.signal)
    const request = isApiCall(init)
      ? { ...toCall(url, init), noMoreTries: call.noMoreTries }
      : undefined
    let answered = false
    try {
      const response = request
        ? await options.http.send(request, deadline)
        : await sendFile(url, init, deadline, call.onSent)
      answered = true
      return await whole(response, deadline)
    } catch (thrown) {
      deadline.close()
      const error = options.http.redactor.redactError(toFalLlmError(thrown))
      // A good answer that breaks off: what was asked for has been taken.
      const taken = answered && request?.method === 'POST'
      if (!request) call.onFileFailed?.(error)
      throw error.with({ cause: undefined, maybeSubmitted: taken || error.maybeSubmitted })
    }
  }
}

/** The answer with its body read, so that the client cannot hang on it. A stream stays one, and can be aborted. */
async function whole(response: Response, deadline: Deadline): Promise<Response> {
  const { status, headers } = response
  if (isEventStream(response)) {
    deadline.pause()
    return response
  }
  const text = await readText(response, deadline, maxEventBytes)
  deadline.close()
  const empty = status === 204 || status === 205
  return new Response(empty ? null : text, { status, headers })
}

// The client sets Accept on its calls to the API, and only on those.
function isApiCall(init: RequestInit): boolean {
  return new Headers(init.headers).has('accept')
}

function toCall(url: string, init: RequestInit): HttpCall {
  const headers = new Headers(init.headers)
  // Browsers refuse it, and it says nothing here.
  headers.delete('user-agent')
  headers.delete('authorization')
  const method = init.method?.toUpperCase()
  return {
    url,
    method: method === 'GET' || method === 'PUT' ? method : 'POST',
    headers: Object.fromEntries(headers),
    ...(typeof init.body === 'string' && { body: init.body }),
    endpoint: endpointOf(url),
  }
}

function endpointOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname.slice(1) : url
  return path.replace(/\/requests\/.*$/, '')
}
