import { FalLlmError } from '../errors.ts'
import type { Clock } from './clock.ts'

/**
 * How long each phase of a call may take, milliseconds; 0 switches one off. Each ends in code `timeout`.
 * Defaults: connect 30000, firstToken 60000, idle 30000, total none.
 */
export interface Timeouts {
  /** From sending a request to the head of its answer. */
  readonly connectMs?: number
  /** From the head of the answer to its first event. */
  readonly firstTokenMs?: number
  /** Between two events. Bytes and comments do not count: heartbeats keep dead generations alive. */
  readonly idleMs?: number
  /** The whole call. */
  readonly totalMs?: number
}

const defaults: Required<Timeouts> = {
  connectMs: 30_000,
  firstTokenMs: 60_000,
  idleMs: 30_000,
  totalMs: 0,
}

type Phase = 'connect' | 'firstToken' | 'idle'

const waitedFor: Record<Phase | 'total', string> = {
  connect: 'No answer came',
  firstToken: 'The first word did not come',
  idle: 'The answer stopped coming',
  total: 'The answer was not complete',
}

/** A timer this much later than asked for means the machine slept, not that the server did. */
const suspendedAfterMs = 2_000

/** One owner for everything that can end a wait: the caller's abort and the time-outs. */
export interface Watch {
  /** Aborts with a FalLlmError as its reason. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Ends the call now. The first reason wins. Never throws. */
  abort(reason: FalLlmError): void
  /** Ends the call now without cancelling a queued job. */
  detach(reason: FalLlmError): void
  detached(): boolean
  /** Begins a phase; the phase before it is over. */
  enter(phase: Phase): void
  /** Something came: the running phase starts anew. Costs one clock reading. */
  progress(): void
  /** No phase runs until the next `enter`; the total goes on. */
  rest(): void
  /** The promise, or a rejection as soon as the watch aborts. */
  race<T>(promise: Promise<T>): Promise<T>
  /** Resolves after `delayMs`; rejects on abort. */
  sleep(delayMs: number): Promise<void>
  /** Stops the timers. Call it when the work is over. */
  close(): void
}

/** Starts watching one call. Never throws; an already aborted signal aborts the watch at once. */
export function createWatch(clock: Clock, timeouts: Timeouts = {}, outer?: AbortSignal): Watch {
  const limits = { ...defaults, ...timeouts }
  const controller = new AbortController()
  const waiting = new Set<(reason: FalLlmError) => void>()
  let detached = false
  let cancelTimer: (() => void) | undefined
  let cancelTotal: (() => void) | undefined
  let phase: Phase | undefined
  let phaseSince = 0

  const abort = (reason: FalLlmError): void => {
    if (controller.signal.aborted) return
    close()
    controller.abort(reason)
    for (const reject of waiting) reject(reason)
    waiting.clear()
  }
  const expire = (which: Phase | 'total', limitMs: number): void =>
    abort(
      new FalLlmError('timeout', `${waitedFor[which]} within ${limitMs} ms (${which}Ms)`, {
        retryable: true,
      }),
    )

  // The timer is not moved on every event: it looks at the clock when it fires.
  const arm = (limitMs: number, delayMs: number): void => {
    const dueAt = clock.now() + delayMs
    cancelTimer = clock.setTimer(() => {
      cancelTimer = undefined
      if (phase === undefined) return
      const now = clock.now()
      const slept = now - dueAt > suspendedAfterMs
      const leftMs = slept ? limitMs : phaseSince + limitMs - now
      if (leftMs > 0) arm(limitMs, leftMs)
      else expire(phase, limitMs)
    }, delayMs)
  }
  const enter = (next: Phase): void => {
    cancelTimer?.()
    cancelTimer = undefined
    phase = next
    phaseSince = clock.now()
    const limitMs = limits[`${next}Ms`]
    if (limitMs > 0 && !controller.signal.aborted) arm(limitMs, limitMs)
  }
  const close = (): void => {
    phase = undefined
    cancelTimer?.()
    cancelTotal?.()
    outer?.removeEventListener('abort', onOuterAbort)
  }
  const onOuterAbort = (): void => abort(abortedBy(outer?.reason))

  const race = <T>(promise: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      // Promise.race against one long-lived promise would keep a reaction per read alive.
      waiting.add(reject)
      const over = (): boolean => waiting.delete(reject)
      promise.then(resolve, reject).then(over, over)
      if (controller.signal.aborted) reject(controller.signal.reason)
    })

  if (limits.totalMs > 0) {
    cancelTotal = clock.setTimer(() => expire('total', limits.totalMs), limits.totalMs)
  }
  outer?.addEventListener('abort', onOuterAbort, { once: true })
  if (outer?.aborted) onOuterAbort()

  return {
    signal: controller.signal,
    clock,
    abort,
    detach(reason) {
      detached = true
      abort(reason)
    },
    detached: () => detached,
    enter,
    progress() {
      phaseSince = clock.now()
    },
    rest() {
      phase = undefined
      cancelTimer?.()
      cancelTimer = undefined
    },
    race,
    sleep(delayMs) {
      let cancel: (() => void) | undefined
      const slept = new Promise<void>((resolve) => {
        cancel = clock.setTimer(resolve, delayMs)
      })
      return race(slept).finally(() => cancel?.())
    },
    close,
  }
}

/** What a caller's abort becomes. A FalLlmError given as the reason passes unchanged. */
export function abortedBy(reason: unknown): FalLlmError {
  if (reason instanceof FalLlmError) return reason
  return new FalLlmError('aborted', 'The call was stopped before it was complete', {
    cause: reason,
  })
}
