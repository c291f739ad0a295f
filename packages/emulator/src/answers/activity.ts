/** Counts the answers being written, so that tests can wait for a condition instead of sleeping. */
export interface Activity {
  /** Answers being written right now. */
  readonly active: number
  /** Counts one more answer. Call the result when it is over; more calls do nothing. */
  begin(): () => void
  /** Checks the waiting conditions again. */
  changed(): void
  /** Resolves as soon as the condition holds; it is checked now and after each change. */
  until(condition: () => boolean): Promise<void>
}

/** Creates an activity without answers. */
export function createActivity(): Activity {
  const running = new Set<symbol>()
  const waiters = new Set<() => void>()
  const changed = (): void => {
    for (const check of waiters) check()
  }
  return {
    get active() {
      return running.size
    },
    begin() {
      const answer = Symbol('answer')
      running.add(answer)
      changed()
      return () => {
        if (running.delete(answer)) changed()
      }
    },
    changed,
    until(condition) {
      return new Promise((resolve) => {
        const check = (): void => {
          if (!condition()) return
          waiters.delete(check)
          resolve()
        }
        waiters.add(check)
        check()
      })
    },
  }
}
