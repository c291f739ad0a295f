import type { Clock } from '../src/clock.ts'

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves time, firing what is due in order and letting each thing fired do what follows from it. */
  advance(byMs: number): Promise<void>
  /** How many timers are pending. */
  readonly pending: number
}

/** Creates a clock that starts at 1,000,000 ms. */
export function createManualClock(): ManualClock {
  let now = 1_000_000
  const timers = new Set<{ readonly dueAt: number; readonly callback: () => void }>()
  return {
    now: () => now,
    setTimer(callback, delayMs) {
      const timer = { dueAt: now + delayMs, callback }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    async advance(byMs) {
      const until = now + byMs
      for (;;) {
        await settle()
        const [next] = [...timers]
          .filter(({ dueAt }) => dueAt <= until)
          .sort((left, right) => left.dueAt - right.dueAt)
        if (!next) break
        timers.delete(next)
        now = Math.max(now, next.dueAt)
        next.callback()
      }
      now = until
    },
    get pending() {
      return timers.size
    },
  }
}

/** Lets everything that is ready to run, run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
