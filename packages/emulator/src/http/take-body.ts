import type { MiddlewareHandler } from 'hono'
import { toPlannedFaults } from '../faults/faults.ts'
import type { FaultPlan } from '../faults/faults.ts'
import type { FalAddress } from './address.ts'
import type { EmulatorEnv } from './exchange.ts'
import { findAskedFaults } from './find-asked-faults.ts'
import { readBody } from './read-body.ts'
import { refusal } from './refusal.ts'
import { toLoggedBody } from './request-log.ts'

/**
 * Creates the middleware that reads the body of a request, for all handlers after it, and finds the faults that the prompt
 * asks for. A call that must not be handled ends here, with an empty answer that the faults replace.
 */
export function takeBody(maxBytes: number, plan: FaultPlan): MiddlewareHandler<EmulatorEnv> {
  return async ({ env: exchange, req, body: write }, next) => {
    const { address, call, requestId, note } = exchange
    const bytes = hasJsonBody(req.method, address) ? await readBody(req.raw, maxBytes) : undefined
    exchange.body = new TextDecoder().decode(bytes)
    note(toLoggedBody(exchange.body))
    if (address.problem) throw refusal(address.problem.status, address.problem.detail)
    if (!exchange.faults) {
      const { now, later } = findAskedFaults(call, exchange.body)
      if (now.length > 0) exchange.faults = toPlannedFaults(now)
      if (later.length > 0) {
        plan.add({ match: { call: ['status-stream', 'status'], path: requestId }, fault: later })
      }
    }
    if (exchange.faults?.handled === false) return write(null)
    return next()
  }
}

function hasJsonBody(method: string, { host }: FalAddress): boolean {
  return method === 'POST' && host !== 'v3.fal.media'
}
