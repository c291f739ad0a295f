// The route that fal sends webhooks to: it checks the bounds, then the signature, then claims the event, then does the work.
// A 2xx makes fal forget the event, so only work that is done is answered with one. What cannot be known now is a 503.

import type { FetchHandler } from '../fetch-handler.ts'
import { checkClaims, createMemoryClaims } from './claims.ts'
import type { WebhookClaims } from './claims.ts'
import { within } from './deadline.ts'
import { FalWebhookError } from './error.ts'
import type { FalWebhookErrorCode } from './error.ts'
import { createOnce } from './once.ts'
import { checkOptions } from './options.ts'
import type { VerifyOptions } from './options.ts'
import { verifyFalWebhook } from './webhook.ts'
import type { WebhookEvent } from './webhook.ts'

/** What happens with the events, and how many machines share them. */
export interface WebhookHandlerOptions extends VerifyOptions {
  /**
   * Called once per job, however often fal delivers. When it throws, the answer makes fal deliver again.
   * Put long work into a queue of your own: fal waits seconds, not minutes.
   */
  onEvent(event: WebhookEvent): void | Promise<void>
  /**
   * Which machine works on which event. Default: `createMemoryClaims()`. Several machines need a store that they share.
   */
  claims?: WebhookClaims
  /**
   * Longest time from the arrival of a call until its answer, milliseconds. The work goes on after it, and the next delivery
   * is answered with how it ended. Default 10000.
   */
  answerWithinMs?: number
  /** How many calls are checked and events worked on at one time; further calls are a 503. Default 128. */
  maxInProgress?: number
  /** Called with the reason why a call was refused or failed. Default: none. */
  onError?: (error: unknown) => void | Promise<void>
}

const statusOf: Readonly<Record<FalWebhookErrorCode, number>> = {
  'missing-header': 400,
  malformed: 400,
  'too-large': 413,
  'too-slow': 408,
  stale: 401,
  forged: 401,
  'foreign-account': 403,
  'keys-unavailable': 503,
  'claims-unavailable': 503,
  overloaded: 503,
}

/** The Retry-After, seconds, of the refusals that are no fault of the call. */
const retryAfter: Partial<Record<FalWebhookErrorCode, string>> = {
  'keys-unavailable': '10',
  'claims-unavailable': '10',
  overloaded: '5',
}

/**
 * Creates the route that fal's webhooks are sent to.
 * The handler never rejects. It answers 200 when the work is done, by this call or before; 400, 401, 403, 408 or 413 when the
 * call is not from fal or not for you; 503 or 500 when fal should deliver again.
 *
 * @throws TypeError for an option that is none.
 */
export function createFalWebhookHandler(options: WebhookHandlerOptions): FetchHandler {
  checkOptions(options)
  const { claims = createMemoryClaims(), answerWithinMs = 10_000, maxInProgress = 128 } = options
  if (typeof options.onEvent !== 'function') throw new TypeError('onEvent must be a function')
  checkClaims(claims)

  const report = async (error: unknown): Promise<void> => {
    try {
      await options.onError?.(error)
    } catch {
      // A failing error handler has no error handler of its own.
    }
  }
  const once = createOnce((event) => options.onEvent(event), claims, report)
  let checking = 0

  const verify = async (request: Request): Promise<WebhookEvent> => {
    checking += 1
    try {
      if (checking + once.running > maxInProgress) {
        throw new FalWebhookError('overloaded', 'too many calls in progress')
      }
      return await verifyFalWebhook(request, options)
    } catch (error) {
      void report(error)
      throw error
    } finally {
      checking -= 1
    }
  }
  const receive = async (request: Request): Promise<Response> => {
    const arrivedAt = performance.now()
    const event = await verify(request)
    const leftMs = answerWithinMs - (performance.now() - arrivedAt)
    const isDone = await within(once.run(event), leftMs, () => false)
    return isDone ? answer(200, 'received') : answer(503, 'still at work', { 'retry-after': '30' })
  }
  const refuse = (error: unknown): Response => {
    if (!(error instanceof FalWebhookError)) return answer(500, 'the event could not be handled')
    const seconds = retryAfter[error.code]
    const headers = seconds === undefined ? {} : { 'retry-after': seconds }
    return answer(statusOf[error.code], error.message, headers)
  }
  return async (request) => {
    if (request.method !== 'POST') return answer(405, 'a webhook is a POST', { allow: 'POST' })
    return receive(request).catch(refuse)
  }
}

function answer(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return Response.json({ detail }, { status, headers })
}
