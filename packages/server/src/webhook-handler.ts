import type { FetchHandler } from './fetch-handler.ts'
import { createRecentIds } from './recent-ids.ts'
import { FalWebhookError } from './webhook-error.ts'
import type { FalWebhookErrorCode } from './webhook-error.ts'
import { verifyFalWebhook } from './webhook.ts'
import type { VerifyOptions } from './webhook-options.ts'
import type { WebhookEvent } from './webhook.ts'

/** What to do with webhooks, and how to know those that were done. */
export interface WebhookHandlerOptions extends VerifyOptions {
  /**
   * Called once per job, however often fal delivers. When it throws, fal is asked to deliver again.
   * Hand long work to a queue of your own: fal waits seconds, not minutes.
   */
  onEvent(event: WebhookEvent): void | Promise<void>
  /** The ids of jobs that were done; a `Set` will do. Default: the last 10000, in memory. Several machines need a shared one. */
  seen?: {
    has(id: string): boolean | Promise<boolean>
    add(id: string): unknown
  }
  /** Longest wait for `onEvent`, milliseconds; it goes on, and fal hears how it ended at its next delivery. Default 10000. */
  answerWithinMs?: number
  /** Hears why a call was refused or failed. Default: nobody. */
  onError?: (error: unknown) => void
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

/**
 * Creates the route that fal's webhooks are sent to.
 * The handler never rejects: 200 when the job is done (or was before), 400 or 401 when the call is not
 * fal's, 503 or 500 when fal shall deliver again.
 */
export function createFalWebhookHandler(options: WebhookHandlerOptions): FetchHandler {
  const { onEvent, seen = createRecentIds(10_000), answerWithinMs = 10_000 } = options
  const running = new Map<string, Promise<void>>()

  const report = (error: unknown): void => {
    try {
      options.onError?.(error)
    } catch {
      // There is nobody left to tell.
    }
  }
  const handle = async (event: WebhookEvent): Promise<void> => {
    if (await seen.has(event.requestId)) return
    await onEvent(event)
    // Only now: an event whose work failed must come again.
    await seen.add(event.requestId)
  }
  // Deliveries that arrive while the first is being worked on wait for it instead of starting their own.
  const handleOnce = (event: WebhookEvent): Promise<void> => {
    const first = running.get(event.requestId)
    if (first) return first
    const work = handle(event).finally(() => running.delete(event.requestId))
    running.set(event.requestId, work)
    work.catch(report)
    return work
  }

  return async (request) => {
    if (request.method !== 'POST') return answer(405, 'a webhook is a POST', { allow: 'POST' })
    try {
      const event = await verifyFalWebhook(request, options)
      const isDone = await within(handleOnce(event), answerWithinMs)
      return isDone
        ? answer(200, 'received')
        : answer(503, 'still at work', { 'retry-after': '30' })
    } catch (error) {
      if (!(error instanceof FalWebhookError)) return answer(500, 'the event could not be handled')
      report(error)
      const again = error.code === 'keys-unavailable' ? { 'retry-after': '60' } : undefined
      return answer(statusOf[error.code], error.message, again)
    }
  }
}

async function within(work: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs)
  })
  try {
    return await Promise.race([work.then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}

function answer(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return Response.json({ detail }, { status, headers })
}
