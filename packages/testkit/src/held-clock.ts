import type { Clock } from '@fal-llm/core'

/** A clock whose timers begin when it is released. */
export interface HeldClock extends Clock {
  /** Lets every timer begin, those that were set before and those that come. */
  release(): void
}

/** Creates a clock that is held: a server on it waits for the test, not the test for the server. */
export function createHeldClock(): HeldClock {
  let release = (): void => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    now: () => Date.now(),
    setTimer(callback, delayMs) {
      let timer: ReturnType<typeof setTimeout> | undefined
      let isCancelled = false
      const begin = async (): Promise<void> => {
        await released
        if (!isCancelled) timer = setTimeout(callback, delayMs)
      }
      void begin()
      return () => {
        isCancelled = true
        clearTimeout(timer)
      }
    },
    release: () => release(),
  }
}
