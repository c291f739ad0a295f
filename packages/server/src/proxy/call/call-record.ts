// What is known of one call, from its first byte to its last. The host's functions receive it during the call,
// `onFinished` and the tracing channels receive it at the end.

import type { Call } from './allow.ts'
import { createUsageScanner } from './usage-scanner.ts'
import type { ProxyUsage } from './usage-scanner.ts'

/** What a call does. `run` and `stream` are answered at once, `submit` makes a job, the next four follow a job. */
export type ProxyAction =
  | 'run'
  | 'stream'
  | 'submit'
  | 'status'
  | 'status-stream'
  | 'result'
  | 'cancel'
  | 'upload'

/** A call, as far as it is known when one of the host's functions is called. */
export interface ProxyCall {
  readonly request: Request
  /** Identifies the call in logs: the caller's `x-request-id`, else a UUID. Every answer carries it as a header. */
  readonly correlationId: string
  /** The address the call came from, where the door or `clientAddress` knows it. */
  readonly address: string | undefined
  readonly userId: string | undefined
  readonly action: ProxyAction | undefined
  /** The endpoint; for a call that follows a job, the app, as in "openrouter/router". */
  readonly endpoint: string | undefined
  /** The `model` of the input, as it was sent to fal. */
  readonly model: string | undefined
}

/**
 * How a call ended, as HTTP shows it. `done`: answered whole with a status below 400. `error`: refused by fal, or failed.
 * `interrupted`: broke off in the middle. `stopped`: its caller left. `refused`: the proxy did not send it to fal.
 */
export type ProxyOutcome = 'done' | 'error' | 'interrupted' | 'stopped' | 'refused'

/** A call that is over. */
export interface FinishedCall extends ProxyCall {
  /** fal's own id, as in webhooks. */
  readonly requestId: string | undefined
  /** The status of the answer. */
  readonly status: number
  /** From the call's arrival to the last byte of its answer, milliseconds. */
  readonly ms: number
  /** Bytes of the answer's body. */
  readonly bytes: number
  /** As fal reported it with a run, a stream or the result of a job; undefined for endpoints that report none. */
  readonly usage: ProxyUsage | undefined
  /** US dollars, as fal reported them. */
  readonly costUsd: number | undefined
  readonly outcome: ProxyOutcome
}

/** How the answer of fal ended. */
export type Ending = 'done' | 'error' | 'interrupted' | 'stopped'

/** The record of one call while it lasts. */
export interface CallRecord extends ProxyCall {
  address: string | undefined
  userId: string | undefined
  action: ProxyAction | undefined
  endpoint: string | undefined
  model: string | undefined
  requestId: string | undefined
  /** The connection to fal, once there is one; breaking it off breaks off the answer. */
  connection: { stop(ending: 'interrupted'): void } | undefined
  /** Counts a piece of the answer and looks for usage in it. */
  read(bytes: Uint8Array): void
  /** Notes that fal's answer is over. Only the first call counts. */
  ended(ending: Ending): void
  /** Notes that the caller gets an answer with this status; its body may still be on its way. */
  answered(status: number): void
}

const correlationGrammar = /^[A-Za-z0-9_.:@/+=-]{1,128}$/

/**
 * Opens the record of a call.
 *
 * @param isRead Whether usage is looked for, which reads each byte of the answer.
 * @param onFinished Called once, when the call is over.
 */
export function openRecord(
  request: Request,
  address: string | undefined,
  isRead: boolean,
  onFinished: (call: FinishedCall) => void,
): CallRecord {
  const startedAt = performance.now()
  const given = request.headers.get('x-request-id')
  const scanner = isRead ? createUsageScanner() : undefined
  let bytes = 0
  let ending: Ending | undefined
  let status: number | undefined
  let isFinished = false

  const finish = (outcome: ProxyOutcome): void => {
    if (isFinished || status === undefined) return
    isFinished = true
    const ms = performance.now() - startedAt
    const { usage, costUsd } = scanner?.end() ?? {}
    const { correlationId, userId, action, endpoint, model, requestId } = record
    const call = {
      request,
      correlationId,
      address: record.address,
      userId,
      action,
      endpoint,
      model,
    }
    onFinished({ ...call, requestId, status, ms, bytes, usage, costUsd, outcome })
  }
  const record: CallRecord = {
    request,
    correlationId: given !== null && correlationGrammar.test(given) ? given : crypto.randomUUID(),
    address,
    userId: undefined,
    action: undefined,
    endpoint: undefined,
    model: undefined,
    requestId: undefined,
    connection: undefined,
    read(piece) {
      bytes += piece.byteLength
      scanner?.push(piece)
    },
    ended(how) {
      ending ??= how
      if (status !== undefined) finish(outcomeOf(ending, status))
    },
    answered(how) {
      status = how
      if (ending) finish(outcomeOf(ending, status))
      else if (!record.connection) finish(status < 500 ? 'refused' : 'error')
    },
  }
  return record
}

function outcomeOf(ending: Ending, status: number): ProxyOutcome {
  return ending !== 'stopped' && status >= 400 ? 'error' : ending
}

const followActions = {
  '': 'result',
  '/status': 'status',
  '/status/stream': 'status-stream',
  '/cancel': 'cancel',
} as const

/** Names what a call does. */
export function toAction(call: Call): ProxyAction {
  if (call.kind === 'upload') return 'upload'
  if (call.kind === 'follow') return followActions[call.action]
  if (call.host === 'queue.fal.run') return 'submit'
  return call.path.split('?', 1)[0] === `/${call.endpoint}` ? 'run' : 'stream'
}
