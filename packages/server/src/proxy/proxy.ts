// The route between a browser and fal, compatible with fal's own proxy protocol (fal docs, "Proxy": header
// x-fal-target-url, default route /api/fal/proxy). serve-call.ts has what happens to one call; this file has what all
// calls of a proxy share: the options, the list of open calls, and the report at the end of each.
// Left out on purpose: logging (use onFinished or the tracing channel), retries, and what fal's clients do not send.

import { endpoints as registry } from '@fal-llm/core/endpoints'
import { toBound, toWaitMs } from '../bounds.ts'
import { clientAddressOf } from '../client-address.ts'
import type { FetchHandler } from '../fetch-handler.ts'
import { createAllowList } from './call/allow.ts'
import { openRecord } from './call/call-record.ts'
import type { CallRecord, FinishedCall } from './call/call-record.ts'
import { createGuard, createReport } from './call/guard.ts'
import type { Report } from './call/guard.ts'
import { refuse } from './call/refuse.ts'
import { isTraced, openTrace } from './call/tracing.ts'
import { createCallsInFlight } from './limits/calls-in-flight.ts'
import { createMemoryRateLimit } from './limits/memory-rate-limit.ts'
import { createOriginCheck } from './origins.ts'
import type { FalProxyOptions } from './proxy-options.ts'
import { serveCall } from './serve-call.ts'
import type { Service } from './serve-call.ts'
import { createSender } from './upstream/send.ts'

/** The proxy route, and what a process needs to shut down. */
export interface FalProxy extends FetchHandler {
  /**
   * Answers every new call with 503 and waits for the open ones. Calls that are still open after `timeoutMs` (default
   * 30000) are broken off, except jobs being submitted. Resolves with the number of calls that were still open.
   */
  drain(options?: { readonly timeoutMs?: number }): Promise<number>
  /** A route for load balancers: 200 `{ "status": "ok" }`, or 503 `{ "status": "draining" }`. */
  readonly health: FetchHandler
}

/**
 * Creates the proxy route that holds the fal key.
 * The handler never rejects: every failure is a Response with JSON `{ "detail": … }`.
 *
 * @throws TypeError for an endpoint, baseUrl, webhookUrl, jobIdSecret or origin that cannot be used.
 * @throws RangeError for a bound that is NaN, infinite or negative.
 */
export function createFalProxy(options: FalProxyOptions = {}): FalProxy {
  const { limit, limitFollowUps, allowUploads = options.onUpload !== undefined } = options
  const service: Service = {
    options,
    allow: createAllowList(options.endpoints ?? Object.keys(registry), registry, allowUploads),
    send: createSender(options),
    inFlight: createCallsInFlight(toBound('maxInFlight', options.maxInFlight, 64)),
    limit: limit ?? createMemoryRateLimit(),
    limitFollowUps: limitFollowUps ?? createMemoryRateLimit({ limit: 1_200 }),
    bodyLimits: {
      maxBytes: toBound('maxBodyBytes', options.maxBodyBytes, 1_048_576),
      timeoutMs: toWaitMs('bodyTimeoutMs', options.bodyTimeoutMs, 30_000),
    },
  }
  const hookTimeoutMs = toWaitMs('hookTimeoutMs', options.hookTimeoutMs, 10_000)
  const checkOrigin = createOriginCheck(options.allowedOrigins)
  const open = createOpenCalls()

  const finish = (call: FinishedCall): void => {
    const { onFinished, waitUntil } = options
    if (!onFinished) return
    const guard = createGuard(createReport(options.onError, call), hookTimeoutMs)
    const work = guard('onFinished', () => onFinished(call))
    void guard('waitUntil', () => waitUntil?.(work))
  }

  const handle = async (request: Request): Promise<Response> => {
    const releases: (() => void)[] = []
    const record = openRecord(
      request,
      clientAddressOf(request),
      options.onFinished !== undefined || isTraced(),
      (call) => {
        for (const release of releases) release()
        open.delete(record)
        trace.end(call)
        finish(call)
      },
    )
    const trace = openTrace(record)
    const reportError = createReport(options.onError, record)
    const report: Report = (error, stage) => {
      trace.error(error)
      reportError(error, stage)
    }
    const guard = createGuard(report, hookTimeoutMs)
    let complete: Response | undefined
    const headers: Record<string, string> = { 'x-request-id': record.correlationId }
    const serve = async (): Promise<Response> => {
      const origin = checkOrigin(request)
      if (origin.kind === 'answer') return origin.response
      Object.assign(headers, origin.headers)
      if (open.isDraining()) {
        const detail = 'the server is shutting down; the call was not sent'
        return refuse(503, detail, { 'retry-after': '1' })
      }
      const { clientAddress } = options
      if (clientAddress) {
        const address = await guard('clientAddress', () => clientAddress(request, record.address))
        if (address instanceof Response) return address
        record.address = address
      }
      return serveCall(service, {
        record,
        guard,
        report,
        onFinished: (release) => void releases.push(release),
        answerHeaders: headers,
        onComplete: (response) => void (complete = response),
      })
    }
    open.add(record)
    // The call as a whole has no time-out: each part that may take long has its own.
    const answer = await trace.run(() => createGuard(report, 0)('proxy', serve))
    const response = answer === complete ? answer : withHeaders(answer, headers)
    record.answered(response.status)
    return response
  }
  return Object.assign(handle, { drain: open.drain, health: open.health })
}

interface OpenCalls extends Pick<FalProxy, 'drain' | 'health'> {
  add(record: CallRecord): void
  delete(record: CallRecord): void
  isDraining(): boolean
}

function createOpenCalls(): OpenCalls {
  const records = new Set<CallRecord>()
  let isDraining = false
  let onEmpty = (): void => {}

  const empty = (): Promise<void> =>
    new Promise((resolve) => {
      onEmpty = resolve
      if (records.size === 0) resolve()
    })
  return {
    add: (record) => void records.add(record),
    delete(record) {
      records.delete(record)
      if (records.size === 0) onEmpty()
    },
    isDraining: () => isDraining,
    async drain({ timeoutMs } = {}) {
      isDraining = true
      const waitMs = toWaitMs('timeoutMs', timeoutMs, 30_000)
      let timer: ReturnType<typeof setTimeout> | undefined
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)))
      await Promise.race([empty(), late])
      clearTimeout(timer)
      const left = [...records]
      for (const { action, connection } of left)
        if (action !== 'submit') connection?.stop('interrupted')
      return left.length
    },
    health: () =>
      Promise.resolve(
        Response.json(
          { status: isDraining ? 'draining' : 'ok' },
          { status: isDraining ? 503 : 200, headers: { 'cache-control': 'no-store' } },
        ),
      ),
  }
}

// A Response of the host's may have headers that cannot be changed, as one of Response.redirect has.
function withHeaders(answer: Response, headers: Readonly<Record<string, string>>): Response {
  try {
    for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value)
    return answer
  } catch {
    const { body, status, statusText } = answer
    return new Response(body, {
      status,
      statusText,
      headers: { ...Object.fromEntries(answer.headers), ...headers },
    })
  }
}
