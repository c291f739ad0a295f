import { callerKey } from './memory-rate-limit.ts'

/** Counts the calls that each caller has open in this process. */
export interface CallsInFlight {
  /** Counts one more call. Returns the function that ends it, or undefined when the caller has too many. */
  enter(caller: {
    userId: string | undefined
    address: string | undefined
  }): (() => void) | undefined
}

/** Creates the count: at most `maxInFlight` calls per user, else per address; 0 is no bound. */
export function createCallsInFlight(maxInFlight: number): CallsInFlight {
  const counts = new Map<string, number>()
  return {
    enter(caller) {
      const key = callerKey(caller)
      const count = counts.get(key) ?? 0
      if (maxInFlight > 0 && count >= maxInFlight) return undefined
      counts.set(key, count + 1)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        const left = (counts.get(key) ?? 1) - 1
        if (left > 0) counts.set(key, left)
        else counts.delete(key)
      }
    },
  }
}
