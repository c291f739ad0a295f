/** What Ctrl-C means at each moment. */
export interface Interruption {
  /** Ctrl-C: stops the work that runs. Leaves when none runs, or when it was told to stop already. */
  interrupt(): void
  /** Lets Ctrl-C stop a piece of work while it runs. */
  during<T>(stop: () => void, work: () => Promise<T>): Promise<T>
}

/** Creates it; `leave.atOnce` is for a second Ctrl-C, which does not wait for the work to stop. */
export function createInterruption(leave: {
  readonly whenIdle: () => void
  readonly atOnce: () => void
}): Interruption {
  let stopWork: (() => void) | undefined
  let isStopping = false
  return {
    interrupt() {
      if (!stopWork) return leave.whenIdle()
      if (isStopping) return leave.atOnce()
      isStopping = true
      stopWork()
    },
    async during(stop, work) {
      isStopping = false
      stopWork = stop
      try {
        return await work()
      } finally {
        stopWork = undefined
      }
    },
  }
}
