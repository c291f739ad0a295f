import { FalLlmError } from './errors.ts'
import type { Clock } from './clock.ts'

/**
 * How long each phase of a call may take, milliseconds; 0 and Infinity switch one off, undefined is the default. Each
 * ends in code `timeout`. Defaults: connect 30000, firstToken 60000, idle 30000, callback 10000, total none.
 */
export interface Timeouts {
  /** From sending a request to the head of its answer. A file gets a second more for every 64 KiB. */
  readonly connectMs?: number | undefined
  /** From the head of the answer to its first event. */
  readonly firstTokenMs?: number | undefined
  /** Between two events. Bytes and comments do not count: heartbeats keep dead generations alive. */
  readonly idleMs?: number | undefined
  /** What functions of yours may take that are asked before a request: `credentials` and `tokenProvider`. */
  readonly callbackMs?: number | undefined
  /** The whole call. */
  readonly totalMs?: number | undefined
}

/** Every limit of a call, milliseconds; Infinity where there is none. Who asks the caller's functions knows their default. */
export type Limits = Readonly<Record<Exclude<keyof Timeouts, 'callbackMs'>, number>> &
  Pick<Timeouts, 'callbackMs'>

const defaultLimits: Limits = {
  connectMs: 30_000,
  firstTokenMs: 60_000,
  idleMs: 30_000,
  totalMs: Infinity,
}

type Phase = 'connect' | 'firstToken' | 'idle'

const waitedFor: Record<Phase | 'total', string> = {
  connect: 'answer',
  firstToken: 'first word',
  idle: 'next event',
  total: 'whole answer',
}

/** A timer this much later than asked for means the machine slept, not that the server did. */
const suspendedAfterMs = 2_000

/** One owner for everything that can end a wait: the caller's abort and the time-outs. */
export interface Deadline {
  /** Aborts with a FalLlmError as its reason. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** The clock's reading a limit is held against, milliseconds. */
  elapsed(): number
  /** What the call's time-outs came to. */
  readonly limits: Limits
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
  pause(): void
  /** The promise, or a rejection as soon as the deadline aborts. */
  race<T>(promise: Promise<T>): Promise<T>
  /** Resolves after `delayMs`; rejects on abort. */
  sleep(delayMs: number): Promise<void>
  /** Stops the timers. Call it when the work is over. */
  close(): void
}

/**
 * Starts the clock of one call. Never throws; an already aborted signal aborts the deadline at once.
 *
 * @param own Time-outs of this call, over `timeouts`; one that is undefined changes nothing.
 */
export function createDeadline(
  clock: Clock,
  timeouts: Timeouts = {},
  outer?: AbortSignal,
  own: Timeouts = {},
): Deadline {
  const limits = mergeLimits([timeouts, own])
  const controller = new AbortController()
  const elapsed = (): number => (clock.elapsed ?? clock.now).call(clock)
  const waiting = new Set<(reason: FalLlmError) => void>()
  let detached = false
  let cancelTimer: (() => void) | undefined
  let cancelTotal: (() => void) | undefined
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
      new FalLlmError('timeout', `No ${waitedFor[which]} in ${limitMs} ms (${which}Ms)`, {
        retryable: true,
      }),
    )

  // The timer is not moved on every event: it looks at the clock when it fires.
  const arm = (phase: Phase, limitMs: number, delayMs: number): void => {
    const dueAt = elapsed() + delayMs
    cancelTimer = clock.setTimer(() => {
      const now = elapsed()
      const slept = now - dueAt > suspendedAfterMs
      const leftMs = slept ? limitMs : phaseSince + limitMs - now
      if (leftMs > 0) arm(phase, limitMs, leftMs)
      else expire(phase, limitMs)
    }, delayMs)
  }
  const pause = (): void => cancelTimer?.()
  const enter = (phase: Phase): void => {
    pause()
    phaseSince = elapsed()
    const limitMs = limits[`${phase}Ms`]
    if (limitMs < Infinity && !controller.signal.aborted) arm(phase, limitMs, limitMs)
  }
  const close = (): void => {
    pause()
    cancelTotal?.()
    outer?.removeEventListener('abort', onOuterAbort)
  }
  const onOuterAbort = (): void => abort(abortedBy(outer?.reason))

  const race = <T>(promise: Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      // Promise.race against one long-lived promise would keep a reaction per read alive.
      waiting.add(reject)
      promise.then(resolve, reject).then(() => waiting.delete(reject))
      if (controller.signal.aborted) reject(controller.signal.reason)
    })

  if (limits.totalMs < Infinity) {
    cancelTotal = clock.setTimer(() => expire('total', limits.totalMs), limits.totalMs)
  }
  outer?.addEventListener('abort', onOuterAbort, { once: true })
  if (outer?.aborted) onOuterAbort()

  return {
    signal: controller.signal,
    clock,
    limits,
    elapsed,
    abort,
    detach(reason) {
      detached = true
      abort(reason)
    },
    detached: () => detached,
    enter,
    progress() {
      phaseSince = elapsed()
    },
    pause,
    race,
    sleep(delayMs) {
      let cancel: (() => void) | undefined
      const slept = new Promise<void>((resolve) => {
        cancel = clock.setTimer(resolve, delayMs)
      })
      return race(slept).finally(cancel)
    },
    close,
  }
}

// What is no duration is refused by duration.ts before anything is sent; a page need not carry the words for it.
function mergeLimits(layers: readonly Timeouts[]): Limits {
  const limits: Record<string, number | undefined> = { ...defaultLimits }
  for (const layer of layers) {
    for (const [name, limitMs] of Object.entries(layer)) {
      // 0 has always meant none, and no wait takes no time at all.
      if (limitMs !== undefined) limits[name] = limitMs || Infinity
    }
  }
  // It began with every name that has a default.
  return limits as Limits
}

/** What a caller's abort becomes. A FalLlmError given as the reason passes unchanged. */
export function abortedBy(reason: unknown): FalLlmError {
  if (reason instanceof FalLlmError) return reason
  return new FalLlmError('aborted', 'The call was stopped before it was complete', {
    cause: reason,
  })
}
