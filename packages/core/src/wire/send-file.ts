import { FalLlmError } from '../errors.ts'
import { readText } from './http.ts'
import type { HttpOptions } from './http.ts'
import { resolveFileUrl } from './targets.ts'
import type { Watch } from './watch.ts'

/**
 * Sends bytes to an address fal handed out for them. No key goes there.
 *
 * @throws FalLlmError `network` or `provider` when they were not taken; the watch's reason on abort.
 */
export type SendFile = (
  url: string,
  init: RequestInit,
  watch: Watch,
  onSent?: (bytes: number) => void,
) => Promise<Response>

/** Creates the sender of one client. The whole transfer falls under `totalMs`; a large file may take long. */
export function createSendFile(options: HttpOptions): SendFile {
  return async (address, init, watch, onSent = () => {}) => {
    const url = resolveFileUrl(options, address)
    const size = init.body instanceof Blob ? init.body.size : 0
    if (size > 0 && canReportProgress() && !options.fetch) {
      return sendByXhr(url, init, watch, onSent)
    }
    const send = options.fetch ?? globalThis.fetch
    const { method = 'PUT', body, headers } = init
    const response = await watch
      .race(
        send(url, {
          method,
          ...(body !== undefined && { body }),
          ...(headers !== undefined && { headers }),
          signal: watch.signal,
          redirect: 'manual',
        }),
      )
      .catch((error: unknown) => {
        throw watch.signal.aborted ? error : notSent(error)
      })
    if (!response.ok) {
      await readText(response, watch, 1_024).catch(() => '')
      throw refused(response.status)
    }
    if (size > 0) onSent(size)
    return response
  }
}

// Only XMLHttpRequest says how much of a body has gone.
function canReportProgress(): boolean {
  return typeof XMLHttpRequest === 'function'
}

function sendByXhr(
  url: string,
  init: RequestInit,
  watch: Watch,
  onSent: (bytes: number) => void,
): Promise<Response> {
  const request = new XMLHttpRequest()
  let sent = 0
  request.open(init.method ?? 'PUT', url)
  new Headers(init.headers).forEach((value, name) => request.setRequestHeader(name, value))
  request.upload.addEventListener('progress', ({ loaded }) => {
    onSent(loaded - sent)
    sent = loaded
  })
  const abort = (): void => request.abort()
  watch.signal.addEventListener('abort', abort, { once: true })
  return watch.race(
    new Promise<Response>((resolve, reject) => {
      request.addEventListener('error', () => {
        // A part that is sent again is not counted twice.
        onSent(-sent)
        reject(notSent(undefined))
      })
      request.addEventListener('load', () => {
        const { status, responseText } = request
        if (status < 200 || status >= 300) return reject(refused(status))
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

function refused(status: number): FalLlmError {
  return new FalLlmError('provider', `fal's storage did not take the file (HTTP ${status})`, {
    status,
    retryable: status >= 500,
  })
}
