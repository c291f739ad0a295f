import type { Ending } from '../call/call-record.ts'

/** The life of one request to fal: when it must end, and how it ended. */
export interface UpstreamConnection {
  /** Aborted when the request must end. */
  readonly signal: AbortSignal
  /** Ends the request: its caller left (`stopped`), or it broke off (`interrupted`). */
  stop(ending: 'stopped' | 'interrupted'): void
  /** Sets what else is called when the request is ended. */
  onStop(end: () => void): void
  /** Starts the idle time-out again, because bytes came. */
  resetIdle(): void
  isStopped(): boolean
  /** Whether the idle time-out ended it. */
  isIdle(): boolean
  /** Notes that the answer is over, and stops the timers. */
  close(ending: Ending): void
}

/** How long a request to fal may last, milliseconds; 0 is for ever. */
export interface ConnectionLimits {
  /** The longest time without a byte of fal. */
  readonly idleTimeoutMs: number
  /** The longest time in all. */
  readonly maxStreamMs: number
}

/**
 * Opens the connection of one request. It ends when the caller leaves, when fal sends nothing for too long, and when it
 * has lasted too long.
 *
 * @param onClose Called once with how it ended.
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
  // One timer serves the whole request: setting it again at every byte would cost more than passing the byte on.
  const watch = (): void => {
    const waitMs = nextEnd() - performance.now()
    if (waitMs === Infinity) return
    timer = setTimeout(() => {
      // Node's timers may fire a fraction of a millisecond early.
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
