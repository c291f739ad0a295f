/** What an emulator is busy with, for tests that wait instead of sleeping. */
export interface Activity {
  /** Answers being written right now. */
  readonly active: number
  /** Marks the beginning of an answer; call the result, once or more, when it is over. */
  begin(): () => void
  /** Says that something changed. */
  changed(): void
  /** Resolves as soon as the condition holds; it is checked now and after each change. */
  until(condition: () => boolean): Promise<void>
}

/** Creates an activity with nothing going on. */
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
