import type { Clock } from '../clock.ts'

/** Timers that can all be cancelled at once. */
export interface Timers {
  /** Calls back once after `delayMs`. Returns a function that cancels it. */
  set(callback: () => void, delayMs: number): () => void
  /** Cancels every timer that is pending. */
  clear(): void
}

/** Creates a set of timers of a clock. */
export function createTimers(clock: Clock): Timers {
  const pending = new Set<() => void>()
  return {
    set(callback, delayMs) {
      const stop = (): void => {
        cancel()
        pending.delete(stop)
      }
      const cancel = clock.setTimer(() => {
        pending.delete(stop)
        callback()
      }, delayMs)
      pending.add(stop)
      return stop
    },
    clear() {
      for (const stop of pending) stop()
    },
  }
}
