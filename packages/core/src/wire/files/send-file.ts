import { FalLlmError, toFalLlmError } from '../../errors.ts'
import { readText } from '../http/http.ts'
import type { HttpOptions } from '../http/http.ts'
import { readRetryAfter } from '../http/response-error.ts'
import { longestRetryAfterMs, readRetryPolicy } from '../http/retry.ts'
import { resolveFileUrl } from '../http/targets.ts'
import { createDeadline } from '../../deadline.ts'
import type { Deadline } from '../../deadline.ts'

/**
 * Sends bytes to an address fal handed out for them. No key goes there.
 *
 * @throws FalLlmError `network` or `provider` when they were not taken; the deadline's reason on abort.
 */
export type SendFile = (
  url: string,
  init: RequestInit,
  deadline: Deadline,
  onSent?: (bytes: number) => void,
) => Promise<Response>

/** A line slower than this is none, bytes per second: 0.5 Mbit/s. */
const slowestLine = 64 * 1024

/**
 * Creates the sender of one client. An answer must begin within `connectMs`, and a second more for every 64 KiB. A PUT
 * puts the same bytes in the same place: it is sent again as the client's `retry` says.
 */
export function createSendFile(options: HttpOptions): SendFile {
  const retries = readRetryPolicy(options.retry)

  const attempt: SendFile = async (url, init, deadline, onSent = () => {}) => {
    const size = init.body instanceof Blob ? init.body.size : 0
    deadline.enter('connect')
    if (size > 0 && canReportProgress() && !options.fetch) {
      return sendByXhr(url, init, deadline, onSent)
    }
    const send = options.fetch ?? globalThis.fetch
    const { method = 'PUT', body, headers } = init
    const response = await deadline
      .race(
        send(url, {
          method,
          ...(body !== undefined && { body }),
          ...(headers !== undefined && { headers }),
          signal: deadline.signal,
          redirect: 'manual',
        }),
      )
      .catch((error: unknown) => {
        throw deadline.signal.aborted ? error : notSent(error)
      })
    if (!response.ok) {
      await readText(response, deadline, 1_024).catch(() => '')
      throw refused(response.status, response.headers)
    }
    if (size > 0) onSent(size)
    return response
  }

  return async (address, init, outer, onSent) => {
    const url = resolveFileUrl(options, address)
    const size = init.body instanceof Blob ? init.body.size : 0
    const connectMs = outer.limits.connectMs + (size / slowestLine) * 1_000
    const deadline = createDeadline(outer.clock, { ...outer.limits, connectMs }, outer.signal)
    const attempts = (init.method ?? 'PUT') === 'PUT' ? retries.attempts : 1
    try {
      for (let tries = 1; ; tries++) {
        const sent = await attempt(url, init, deadline, onSent).catch(toFalLlmError)
        if (!(sent instanceof FalLlmError)) return sent
        const askedMs = sent.retryAfterMs ?? 0
        const mayRepeat = sent.retryable && askedMs <= longestRetryAfterMs && tries < attempts
        if (deadline.signal.aborted || !mayRepeat) throw sent
        deadline.pause()
        await deadline.sleep(askedMs + retries.backoffMs(tries))
      }
    } finally {
      deadline.close()
      outer.enter('firstToken')
    }
  }
}

// Only XMLHttpRequest says how much of a body has gone.
function canReportProgress(): boolean {
  return typeof XMLHttpRequest === 'function'
}

function sendByXhr(
  url: string,
  init: RequestInit,
  deadline: Deadline,
  onSent: (bytes: number) => void,
): Promise<Response> {
  const request = new XMLHttpRequest()
  let sent = 0
  request.open(init.method ?? 'PUT', url)
  new Headers(init.headers).forEach((value, name) => request.setRequestHeader(name, value))
  request.upload.addEventListener('progress', ({ loaded }) => {
    deadline.progress()
    onSent(loaded - sent)
    sent = loaded
  })
  const abort = (): void => request.abort()
  deadline.signal.addEventListener('abort', abort, { once: true })
  const fail = (error: FalLlmError, reject: (error: FalLlmError) => void): void => {
    // What is sent again is not counted twice.
    onSent(-sent)
    reject(error)
  }
  return deadline.race(
    new Promise<Response>((resolve, reject) => {
      request.addEventListener('error', () => fail(notSent(undefined), reject))
      request.addEventListener('load', () => {
        const { status, responseText } = request
        const after = request.getResponseHeader('retry-after')
        const said = new Headers(after === null ? {} : { 'retry-after': after })
        if (status < 200 || status >= 300) return fail(refused(status, said), reject)
        const type = request.getResponseHeader('content-type')
        const headers = type === null ? {} : { 'content-type': type }
        resolve(new Response(responseText || null, { headers }))
      })
      // sendFile is only called with a body that is a Blob here.
      request.send(init.body as Blob)
    }),
  )
}

function notSent(cause: unknown): FalLlmError {
  return new FalLlmError('network', 'The file could not be sent', { cause, retryable: true })
}

function refused(status: number, headers: Headers): FalLlmError {
  return new FalLlmError('provider', `fal's storage did not take the file (HTTP ${status})`, {
    status,
    retryable: status >= 500 || status === 408 || status === 429,
    retryAfterMs: readRetryAfter(headers),
  })
}
