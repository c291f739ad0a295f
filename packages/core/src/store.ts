// A published snapshot: the core changes as often as it likes, a screen hears of it once per frame.
// The value is composed when it is published, so a token that nobody sees costs nothing.

/** Calls `flush` once, soon. Returns a function that gives the wish up. */
export type Scheduler = (flush: () => void) => () => void

/** A value that screens read. */
export interface Store<State> {
  /** The last published value; the same object until the next publication. */
  getState(): State
  /** Calls the listener at once and after each publication. Returns the unsubscribe. */
  subscribe(listener: (state: State) => void): () => void
  /** Something changed: publish on the scheduler's next turn. */
  touch(): void
  /** Something changed that cannot wait: publish now. */
  publish(): void
  /** Drops the listeners and whatever was scheduled. */
  destroy(): void
}

/**
 * Creates a store over a function that composes the value.
 * A listener that throws stops nothing but itself: it is reported on the console.
 */
export function createStore<State>(compose: () => State, schedule: () => Scheduler): Store<State> {
  const listeners = new Set<(state: State) => void>()
  let state = compose()
  let scheduled = false
  let cancel = (): void => {}

  const publish = (): void => {
    if (scheduled) cancel()
    scheduled = false
    const next = compose()
    if (next === state) return
    state = next
    for (const listener of Array.from(listeners)) {
      // A listener may have published itself, or sent another one away.
      if (state !== next) return
      if (listeners.has(listener)) callSafely(() => listener(next))
    }
  }

  return {
    getState: () => state,
    subscribe(listener) {
      // The same function may be subscribed twice: each subscription is its own.
      const own = (next: State): void => listener(next)
      listeners.add(own)
      callSafely(() => own(state))
      return () => void listeners.delete(own)
    },
    touch() {
      if (scheduled) return
      scheduled = true
      const giveUp = schedule()(publish)
      // A scheduler may have flushed at once.
      if (scheduled) cancel = giveUp
    },
    publish,
    destroy() {
      if (scheduled) cancel()
      scheduled = false
      listeners.clear()
    },
  }
}

const frameMs = 16
/** Frames stop in a hidden tab; after this long a timer takes over. */
const hiddenAfterMs = 100

/** Flushes with the next animation frame, or by a timer where frames have stopped or never were. */
export const frameScheduler: Scheduler = (flush) => {
  const hasFrames = typeof globalThis.requestAnimationFrame === 'function'
  const run = (): void => {
    cancel()
    flush()
  }
  const timer = setTimeout(run, hasFrames ? hiddenAfterMs : frameMs)
  const frame = hasFrames ? globalThis.requestAnimationFrame(run) : 0
  const cancel = (): void => {
    clearTimeout(timer)
    if (hasFrames) globalThis.cancelAnimationFrame(frame)
  }
  return cancel
}

/** Flushes at once. */
export const syncScheduler: Scheduler = (flush) => {
  flush()
  return () => {}
}

/** Flushes at most every `intervalMs`. */
export function intervalScheduler(intervalMs: number): Scheduler {
  return (flush) => {
    const timer = setTimeout(flush, intervalMs)
    return () => clearTimeout(timer)
  }
}

/** How often subscribers hear of new text: once per frame, on every event, or every n milliseconds. */
export type Flush = 'frame' | 'sync' | number

/** The scheduler of a `flush` option. Default: 'frame'. */
export function schedulerOf(flush: Flush | undefined): Scheduler {
  if (flush === 'sync') return syncScheduler
  return typeof flush === 'number' ? intervalScheduler(flush) : frameScheduler
}

/** Calls a user's callback: one that throws, or rejects, stops nothing but itself. */
export function callSafely(callback: () => unknown): void {
  const report = (error: unknown): void => console.error('A callback threw', error)
  try {
    const result = callback()
    if (result instanceof Promise) result.catch(report)
  } catch (error) {
    report(error)
  }
}
