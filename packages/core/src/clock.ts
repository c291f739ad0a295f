/** Where time comes from. Injected, so that tests need no sleep. */
export interface Clock {
  /** Milliseconds since the epoch: for what is written down, never for a wait. People set it back and forward. */
  now(): number
  /** Milliseconds since a moment of the clock's own; it never jumps. Every limit is held against it. Default: `now`. */
  elapsed?(): number
  /** Calls back once after `delayMs`. Returns a function that cancels it. */
  setTimer(callback: () => void, delayMs: number): () => void
}

/** The longest delay a timer can hold, milliseconds: browsers and Node fire a longer one at once. */
const longestDelayMs = 2 ** 31 - 1

/** The machine's own clock. A longer delay than a timer can hold is capped. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, Math.min(delayMs, longestDelayMs))
    return () => clearTimeout(timer)
  },
}
