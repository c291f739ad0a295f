// The one fetch. What may be sent again is decided here and nowhere else: only what cannot have been
// accepted (refused connection, unknown host, 429, 503), and only before an answer began.

import { FalLlmError } from '../../errors.ts'
import { openBody } from './body-reader.ts'
import { explainUnreachable, isPage } from './explain-failure.ts'
import type { Asked } from './explain-failure.ts'
import { createRedactor } from './redact.ts'
import type { Redactor } from './redact.ts'
import { longestRetryAfterMs, readRetryPolicy } from './retry.ts'
import type { Retries, RetryPolicy } from './retry.ts'
import { responseError } from './response-error.ts'
import { resolveTarget } from './targets.ts'
import type { TargetOptions } from './targets.ts'
import type { Deadline } from '../../deadline.ts'
import { isFields, listOf } from '../../json.ts'

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
  /** Hears what a refused answer holds, before its error is thrown. */
  readonly onRefused?: (said: { readonly headers: Headers; readonly body: string }) => void
  /** Not sent again after this has aborted; a request that is under way goes on. */
  readonly noMoreTries?: AbortSignal | undefined
  /** For errors. */
  readonly endpoint: string
}

/** Sends requests with one policy. */
export interface Http {
  /**
   * Resolves with a 2xx answer whose body is unread; the deadline's phase is then `firstToken`.
   *
   * @throws FalLlmError for everything else.
   */
  send(call: HttpCall, deadline: Deadline): Promise<Response>
  /** What was sent as proof of who sends; it is in none of the errors. */
  readonly redactor: Redactor
}

/** Bytes of a refused answer's body that are read. */
const maxErrorBodyBytes: number = 64 * 1024
/** Retries all calls of one client may use up before successes refill it: a dead server is not hammered. */
const retryBudget = 40

/**
 * Creates the sender of one client; nothing is sent before `send`.
 *
 * @throws FalLlmError `invalid-input` for a retry policy that is none.
 */
export function createHttp(options: HttpOptions): Http {
  let budget = retryBudget
  const retries = readRetryPolicy(options.retry)
  const redactor = createRedactor()
  const asksCaller = typeof options.credentials === 'function' || options.tokenProvider

  const attempt = async (call: HttpCall, deadline: Deadline): Promise<Response> => {
    const inTime = asksCaller ? limitCallback(deadline) : undefined
    const target = await deadline.race(resolveTarget(options, call.url)).finally(inTime)
    redactor.learn(target.secret)
    const send = options.fetch ?? globalThis.fetch
    deadline.enter(call.phase ?? 'connect')
    const sent = send(target.url, {
      method: call.method,
      headers: {
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
        ...target.headers,
      },
      ...(call.body !== undefined && { body: call.body }),
      signal: deadline.signal,
      // A redirect would carry the key to a host of the server's choosing.
      redirect: 'manual',
    })
    const asked = { method: call.method, falUrl: call.url, target }
    const response = await deadline.race(sent).catch((error: unknown) => {
      throw deadline.signal.aborted ? sentThenAborted(call, error) : networkError(asked, error)
    })
    deadline.enter('firstToken')
    if (response.ok && !isPage(response.headers)) return response
    const body = await readText(response, deadline, maxErrorBodyBytes).catch(() => '')
    call.onRefused?.({ headers: response.headers, body })
    const error = responseError({
      status: response.status,
      headers: response.headers,
      body,
      endpoint: call.endpoint,
      asked,
    })
    const ambiguous = call.method === 'POST' && mayHaveBegun(response.status)
    throw ambiguous ? error.with({ maybeSubmitted: true }) : error
  }

  return {
    redactor,
    async send(call, deadline) {
      for (let tries = 1; ; tries++) {
        try {
          const response = await attempt(call, deadline)
          budget = Math.min(retryBudget, budget + 1)
          return response
        } catch (thrown) {
          if (!(thrown instanceof FalLlmError)) throw thrown
          const error = redactor.redactError(thrown.with({ endpoint: call.endpoint }))
          const delayMs = retryDelayMs(error, call, retries, tries)
          const once = call.once || call.noMoreTries?.aborted
          const last = tries >= (once ? 1 : retries.attempts) || budget < 1
          if (deadline.signal.aborted || last || delayMs === undefined) throw error
          budget -= 1
          deadline.pause()
          await deadline.sleep(delayMs)
          if (call.noMoreTries?.aborted) throw error
        }
      }
    },
  }
}

/** What `credentials` and `tokenProvider` may take unless `timeouts.callbackMs` says otherwise, milliseconds. */
const callbackMs = 10_000

/** Ends the call when functions of the caller's take too long. Returns what they call off when they are done. */
function limitCallback(deadline: Deadline): (() => void) | undefined {
  const limitMs = deadline.limits.callbackMs ?? callbackMs
  if (limitMs === Infinity) return undefined
  const message = `credentials or tokenProvider did not answer in ${limitMs} ms (callbackMs)`
  const expire = (): void =>
    deadline.abort(new FalLlmError('timeout', message, { retryable: true }))
  return deadline.clock.setTimer(expire, limitMs)
}

/** The gateway gave up, the app failed, or a page came with 200. 503 and 529 say that nobody took it. */
function mayHaveBegun(status: number): boolean {
  return (status >= 200 && status < 300) || (status >= 500 && status !== 503 && status !== 529)
}

/**
 * Reads a body as text, up to a number of bytes; what is over is dropped.
 *
 * @throws FalLlmError `interrupted` when the connection breaks, the deadline's reason on abort.
 */
export async function readText(
  response: Response,
  deadline: Deadline,
  maxBytes: number,
): Promise<string> {
  const reader = openBody(response, deadline)
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  try {
    while (size <= maxBytes) {
      const { done, value } = await deadline.race(reader.read()).catch((cause: unknown) => {
        throw deadline.signal.aborted ? deadline.signal.reason : brokenConnection(cause)
      })
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

function brokenConnection(cause: unknown): FalLlmError {
  return new FalLlmError('interrupted', 'The connection broke before the answer was complete', {
    cause,
    retryable: true,
  })
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
  if (!isFields(thrown)) return []
  const { code, cause, errors } = thrown
  const inner = listOf(errors).flatMap(causeCodes)
  return [...(typeof code === 'string' ? [code] : []), ...inner, ...causeCodes(cause)]
}

function retryDelayMs(
  error: FalLlmError,
  call: HttpCall,
  retries: Retries,
  tries: number,
): number | undefined {
  const refused = (error.status === 429 || error.status === 503) && error.retryable
  const lost = error.code === 'network' && !error.maybeSubmitted
  const failedRead = call.method === 'GET' && (error.status === 502 || error.status === 504)
  if (!refused && !lost && !(failedRead && error.retryable)) return undefined
  const askedMs = error.retryAfterMs ?? 0
  if (askedMs > longestRetryAfterMs) return undefined
  return askedMs + retries.backoffMs(tries)
}
