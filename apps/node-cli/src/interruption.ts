/** Ctrl-C, and what it means at each moment. */
export interface Interruption {
  /** Ctrl-C was pressed: stops what is going on; when that was asked already, or nothing is going on, leaves. */
  hear(): void
  /** Lets Ctrl-C stop a piece of work while it lasts. */
  during<T>(stop: () => void, work: () => Promise<T>): Promise<T>
}

/** How to leave. */
export interface Leaving {
  /** Nothing is going on. */
  readonly whenIdle: () => void
  /** What is going on was told to stop, and someone will not wait. */
  readonly atOnce: () => void
}

/** Creates what listens to Ctrl-C. */
export function createInterruption({ whenIdle, atOnce }: Leaving): Interruption {
  let state: 'idle' | 'working' | 'stopping' = 'idle'
  let stopWork = (): void => {}
  return {
    hear() {
      if (state === 'idle') return whenIdle()
      if (state === 'stopping') return atOnce()
      state = 'stopping'
      stopWork()
    },
    async during(stop, work) {
      state = 'working'
      stopWork = stop
      try {
        return await work()
      } finally {
        state = 'idle'
      }
    },
  }
}
