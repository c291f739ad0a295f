import type { Ending } from '../call/call-record.ts'

/** A call to fal, as far as its end is concerned. */
export interface UpstreamConnection {
  readonly signal: AbortSignal
  /** Ends the call to fal: `stopped` by its caller, or `interrupted`. */
  stop(ending: 'stopped' | 'interrupted'): void
  /** Sets what else ends with the call. */
  onStop(end: () => void): void
  /** A byte came. */
  resetIdle(): void
  isStopped(): boolean
  /** The idle time-out was what ended it. */
  isIdle(): boolean
  /** The answer is over: nothing is watched any more. */
  close(ending: Ending): void
}

/** How long a call to fal may last, milliseconds; 0 is for ever. */
export interface ConnectionLimits {
  /** Without a byte of fal. */
  readonly idleTimeoutMs: number
  /** In all. */
  readonly maxStreamMs: number
}

/**
 * Opens the connection of one call: it ends when the caller leaves, after too long a silence, or at the end of its time.
 * `onClose` hears how it ended, once.
 */
export function openUpstreamConnection(
  caller: AbortSignal,
  { idleTimeoutMs, maxStreamMs }: ConnectionLimits,
  onClose: (ending: Ending) => void = () => {},
): UpstreamConnection {
  const controller = new AbortController()
  const openedAt = performance.now()
  let lastByteAt = openedAt
  let idle = false
  let stopped = false
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let end = (): void => {}

  const close = (ending: Ending): void => {
    if (closed) return
    closed = true
    clearTimeout(timer)
    caller.removeEventListener('abort', leave)
    onClose(ending)
  }
  const stop = (ending: 'stopped' | 'interrupted'): void => {
    if (stopped) return
    stopped = true
    close(ending)
    controller.abort()
    end()
  }
  const leave = (): void => stop('stopped')
  const endOf = (from: number, limitMs: number): number => (limitMs > 0 ? from + limitMs : Infinity)
  const nextEnd = (): number =>
    Math.min(endOf(lastByteAt, idleTimeoutMs), endOf(openedAt, maxStreamMs))
  // One timer for the whole call: re-arming it at every byte would cost more than the byte.
  const watch = (): void => {
    const waitMs = nextEnd() - performance.now()
    if (waitMs === Infinity) return
    timer = setTimeout(() => {
      // Timers may come a fraction of a millisecond early.
      if (nextEnd() - performance.now() > 1) return watch()
      idle = endOf(lastByteAt, idleTimeoutMs) <= endOf(openedAt, maxStreamMs)
      stop('interrupted')
    }, waitMs)
  }

  caller.addEventListener('abort', leave)
  if (caller.aborted) stop('stopped')
  else watch()
  return {
    signal: controller.signal,
    stop,
    onStop: (also) => void (end = also),
    resetIdle: () => void (lastByteAt = performance.now()),
    isStopped: () => stopped,
    isIdle: () => idle,
    close,
  }
}
