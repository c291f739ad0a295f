import type { Clock } from '@fal-llm/core'

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves time and fires what is due, in order. */
  advance(byMs: number): void
  /** Moves time without firing anything on the way, as a suspended machine does; what is due then fires late. */
  suspend(byMs: number): void
  /** Resolves with the delay of the first pending timer for which `wanted` holds, now or later. */
  untilTimer(wanted: (delayMs: number) => boolean): Promise<number>
  /** How many timers are pending. */
  readonly pending: number
}

interface Timer {
  readonly dueAt: number
  readonly delayMs: number
  readonly callback: () => void
}

/** Creates a clock that starts at 1,000,000 ms. */
export function createManualClock(): ManualClock {
  let now = 1_000_000
  const timers = new Set<Timer>()
  const waiters = new Set<{
    wanted: (delayMs: number) => boolean
    found: (delayMs: number) => void
  }>()

  const fireDue = (until: number, setNow: boolean): void => {
    for (;;) {
      const [next] = [...timers]
        .filter((timer) => timer.dueAt <= until)
        .sort((left, right) => left.dueAt - right.dueAt)
      if (!next) return
      timers.delete(next)
      if (setNow) now = Math.max(now, next.dueAt)
      next.callback()
    }
  }
  return {
    now: () => now,
    setTimer(callback, delayMs) {
      const timer = { dueAt: now + delayMs, delayMs, callback }
      timers.add(timer)
      for (const waiter of waiters) {
        if (!waiter.wanted(delayMs)) continue
        waiters.delete(waiter)
        waiter.found(delayMs)
      }
      return () => void timers.delete(timer)
    },
    advance(byMs) {
      const until = now + byMs
      fireDue(until, true)
      now = until
    },
    suspend(byMs) {
      now += byMs
      fireDue(now, false)
    },
    untilTimer(wanted) {
      const known = [...timers].find((timer) => wanted(timer.delayMs))
      if (known) return Promise.resolve(known.delayMs)
      return new Promise((found) => waiters.add({ wanted, found }))
    },
    get pending() {
      return timers.size
    },
  }
}
