// The one fetch. What may be sent again is decided here and nowhere else: only what cannot have been
// accepted (refused connection, unknown host, 429, 503), and only before an answer began.

import { FalLlmError } from '../errors.ts'
import { explainUnreachable, isPage } from './explain-failure.ts'
import type { Asked } from './explain-failure.ts'
import { responseError } from './response-error.ts'
import { resolveTarget } from './targets.ts'
import type { TargetOptions } from './targets.ts'
import type { Watch } from './watch.ts'

/** When a refused call is sent again. Retry-After is obeyed; one over 60 s surfaces instead of waiting. */
export interface RetryPolicy {
  /** Requests at most, the first included. Default 3. */
  readonly attempts?: number
  /** Upper end of the first random wait, milliseconds; it doubles each time. Default 500. */
  readonly baseDelayMs?: number
  /** Milliseconds. Default 8000. */
  readonly maxDelayMs?: number
}

/** What the client's options say about requests. */
export interface HttpOptions extends TargetOptions {
  readonly fetch?: typeof fetch
  readonly retry?: RetryPolicy | false
}

/** One request to fal. */
export interface HttpCall {
  /** fal's own https URL, whatever proxy or emulator it goes to in the end. */
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT'
  /** JSON. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Which time-out the wait for the head falls under. Default `connect`; a blocking run writes its whole answer first. */
  readonly phase?: 'connect' | 'firstToken'
  /** Never sent again, whatever the policy says. */
  readonly once?: boolean
  /** Not sent again after this has aborted; a request that is under way goes on. */
  readonly noMoreTries?: AbortSignal | undefined
  /** For errors. */
  readonly endpoint: string
}

/** Sends requests with one policy. */
export interface Http {
  /**
   * Resolves with a 2xx answer whose body is unread; the watch's phase is then `firstToken`.
   *
   * @throws FalLlmError for everything else.
   */
  send(call: HttpCall, watch: Watch): Promise<Response>
}

const maxErrorBodyBytes = 64 * 1024
const longestRetryAfterMs = 60_000
/** Retries all calls of one client may use up before successes refill it: a dead server is not hammered. */
const retryBudget = 40

/** Creates the sender of one client. Never throws; nothing is sent before `send`. */
export function createHttp(options: HttpOptions): Http {
  let budget = retryBudget
  const policy = { attempts: 3, baseDelayMs: 500, maxDelayMs: 8_000, ...options.retry }
  const attempts = options.retry === false ? 1 : policy.attempts

  const attempt = async (call: HttpCall, watch: Watch): Promise<Response> => {
    const target = await watch.race(resolveTarget(options, call.url))
    const send = options.fetch ?? globalThis.fetch
    watch.enter(call.phase ?? 'connect')
    const sent = send(target.url, {
      method: call.method,
      headers: {
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
        ...target.headers,
      },
      ...(call.body !== undefined && { body: call.body }),
      signal: watch.signal,
      // A redirect would carry the key to a host of the server's choosing.
      redirect: 'manual',
    })
    const asked = { method: call.method, falUrl: call.url, target }
    const response = await watch.race(sent).catch((error: unknown) => {
      throw watch.signal.aborted ? sentThenAborted(call, error) : networkError(asked, error)
    })
    watch.enter('firstToken')
    if (response.ok && !isPage(response.headers)) return response
    const body = await readText(response, watch, maxErrorBodyBytes).catch(() => '')
    const error = responseError({
      status: response.status,
      headers: response.headers,
      body: redact(body, target.secret),
      endpoint: call.endpoint,
      asked,
    })
    // The gateway gave up waiting; the app behind it may not have.
    const mayBeTaken = response.ok || [502, 504].includes(response.status)
    const ambiguous = call.method === 'POST' && mayBeTaken
    throw ambiguous ? error.with({ maybeSubmitted: true }) : error
  }

  return {
    async send(call, watch) {
      for (let tries = 1; ; tries++) {
        try {
          const response = await attempt(call, watch)
          budget = Math.min(retryBudget, budget + 1)
          return response
        } catch (thrown) {
          if (!(thrown instanceof FalLlmError)) throw thrown
          const error = thrown.with({ endpoint: call.endpoint })
          const delayMs = retryDelayMs(error, call, policy, tries)
          const once = call.once || call.noMoreTries?.aborted
          const last = tries >= (once ? 1 : attempts) || budget < 1
          if (watch.signal.aborted || last || delayMs === undefined) throw error
          budget -= 1
          watch.rest()
          await watch.sleep(delayMs)
          if (call.noMoreTries?.aborted) throw error
        }
      }
    },
  }
}

/** Reads a body as text, up to a number of bytes; what is over is dropped. Rejects when the watch aborts. */
export async function readText(
  response: Response,
  watch: Watch,
  maxBytes: number,
): Promise<string> {
  if (!response.body) return ''
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  try {
    while (size <= maxBytes) {
      const { done, value } = await watch.race(reader.read())
      if (done) return text + decoder.decode()
      size += value.byteLength
      text += decoder.decode(value, { stream: true })
    }
    return text
  } finally {
    // Not awaited: a server that stopped answering would hold us here.
    reader.cancel().catch(() => {})
  }
}

// undici names the failures that happen before a byte of the request could be read by anyone.
const beforeSending: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function networkError(asked: Asked, thrown: unknown): FalLlmError {
  const codes = causeCodes(thrown)
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  const { code, message } = explainUnreachable(asked, reason, codes[0])
  const isLost = code === 'network'
  return new FalLlmError(code, message, {
    cause: thrown,
    retryable: isLost,
    maybeSubmitted:
      isLost && asked.method === 'POST' && !codes.some((known) => beforeSending.has(known)),
  })
}

function sentThenAborted(call: HttpCall, thrown: unknown): unknown {
  if (!(thrown instanceof FalLlmError)) return thrown
  return call.method === 'POST' ? thrown.with({ maybeSubmitted: true }) : thrown
}

// Happy Eyeballs reports one AggregateError with a cause per address.
function causeCodes(thrown: unknown): string[] {
  if (typeof thrown !== 'object' || thrown === null) return []
  const { code, cause, errors } = thrown as { code?: unknown; cause?: unknown; errors?: unknown }
  const inner = Array.isArray(errors) ? errors.flatMap(causeCodes) : []
  return [...(typeof code === 'string' ? [code] : []), ...inner, ...causeCodes(cause)]
}

function retryDelayMs(
  error: FalLlmError,
  call: HttpCall,
  policy: Required<RetryPolicy>,
  tries: number,
): number | undefined {
  const refused = error.status === 429 || error.status === 503
  const lost = error.code === 'network' && !error.maybeSubmitted
  const failedRead = call.method === 'GET' && (error.status === 502 || error.status === 504)
  if (!refused && !lost && !(failedRead && error.retryable)) return undefined
  const askedMs = error.retryAfterMs ?? 0
  if (askedMs > longestRetryAfterMs) return undefined
  const ceilingMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (tries - 1))
  return askedMs + Math.random() * ceilingMs
}

function redact(text: string, secret: string | undefined): string {
  if (!secret) return text
  const half = secret.split(':')[1]
  const clean = text.replaceAll(secret, '[key]')
  return half ? clean.replaceAll(half, '[key]') : clean
}
