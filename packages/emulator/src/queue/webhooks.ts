// Delivers the outcome of a job to the URL it was submitted with. A 2xx acknowledges it, a 3xx ends the delivery, and after
// anything else it is tried again: ten times in about two hours, as on fal's older pages.

import type { Clock } from '../clock.ts'
import type { Job, JobOutcome } from './job.ts'
import { createTimers } from './timers.ts'
import type { WebhookSigner } from './webhook-signer.ts'

/** Sends webhook calls until they are acknowledged or given up. */
export interface Webhooks {
  /** Begins to deliver the outcome of a completed job; does nothing for one without a webhook. */
  deliver(job: Job): void
  /** Gives up everything that is not delivered yet. */
  close(): void
}

/** What webhooks need. */
export interface WebhooksOptions {
  readonly clock: Clock
  readonly signer: WebhookSigner
  readonly fetch: typeof fetch
  /** Whether other machines than this one are called. */
  readonly anywhere: boolean
  /** Called with what became of a delivery. */
  readonly log: (job: Job, message: string, level: 'INFO' | 'WARN') => void
}

const maxTries = 10
const firstRetryMs = 15_000
/** @source fal docs, "Webhooks": the first try has 15 seconds, the others two minutes */
const firstTimeoutMs = 15_000
const laterTimeoutMs = 120_000

/** Creates webhooks without deliveries. */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { clock, signer, log } = options
  const abort = new AbortController()
  const timers = createTimers(clock)

  const attempt = async (job: Job, url: URL, body: string, count: number): Promise<void> => {
    const status = await post(job, url, body, count === 1 ? firstTimeoutMs : laterTimeoutMs)
    if (abort.signal.aborted) return
    if (status >= 200 && status < 300) return log(job, 'Webhook delivered', 'INFO')
    if (status >= 300 && status < 400) {
      return log(job, `Webhook given up: redirected with ${status}`, 'WARN')
    }
    if (count === maxTries) return log(job, `Webhook given up after ${count} tries`, 'WARN')
    const delayMs = firstRetryMs * 2 ** (count - 1)
    timers.set(() => void attempt(job, url, body, count + 1), delayMs)
  }
  /** The status, or 0 where no answer came in time. */
  const post = async (job: Job, url: URL, body: string, timeoutMs: number): Promise<number> => {
    const late = new AbortController()
    const stop = timers.set(() => late.abort(), timeoutMs)
    try {
      const response = await options.fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...signer.sign(body, job.id, clock.now()),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([late.signal, abort.signal]),
      })
      void response.body?.cancel().catch(() => {})
      return response.status
    } catch {
      return 0
    } finally {
      stop()
    }
  }
  return {
    deliver(job) {
      if (job.webhookUrl === undefined || !job.outcome) return
      const url = URL.canParse(job.webhookUrl) ? new URL(job.webhookUrl) : undefined
      if (!url || !/^https?:$/.test(url.protocol)) {
        return log(job, `Webhook not delivered: "${job.webhookUrl}" is no URL`, 'WARN')
      }
      if (!options.anywhere && !isThisMachine(url.hostname)) {
        return log(job, `Webhook not delivered: ${url.hostname} is another machine`, 'WARN')
      }
      const body = JSON.stringify(toWebhookEvent(job.id, job.outcome))
      void attempt(job, url, body, 1)
    },
    close() {
      abort.abort()
      timers.clear()
    },
  }
}

/** Writes the body of a webhook call. */
export function toWebhookEvent(requestId: string, { status, body }: JobOutcome): object {
  const common = { request_id: requestId, gateway_request_id: requestId }
  const verdict =
    status < 400 ? { status: 'OK' } : { status: 'ERROR', error: `Invalid status code: ${status}` }
  // For a path that does not exist, fal was seen to send no payload but this error.
  const payload = status === 404 ? undefined : parsePayload(body)
  if (payload !== undefined) return { ...common, ...verdict, payload }
  return { ...common, ...verdict, payload: null, payload_error: payloadError }
}

const payloadError =
  'Response payload is not JSON serializable. Either return a JSON serializable object or use the queue endpoint to retrieve the response.'

function parsePayload(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}
