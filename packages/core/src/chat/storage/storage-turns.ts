// When a storage is read and written: one turn after another, at most four writes a second, and a flush at once. What is
// asked for while a turn is under way is done in the next.

import { isSoon } from './calls/run-steps.ts'
import type { Soon } from './calls/run-steps.ts'

/** What is done in a turn. */
export interface TurnHost {
  /** Reads and writes what is due. Never throws or rejects. */
  work(isFlush: boolean): Soon<void>
  /** A flush is wanted, and a turn is under way. */
  flushBeside(): void
  /** The next turn has to read. */
  mustRead(): void
  /** Whether a turn has left something to be written. */
  hasMore(): boolean
}

/** The turns of one storage. */
export interface StorageTurns {
  /** Reads, now or in the next turn. */
  read(): Promise<void>
  /** Writes now; where a turn is under way, after it. */
  flush(): Promise<void>
  /** Writes in time. */
  schedule(): void
  /** Whether the last write is long enough ago. */
  isDue(): boolean
  /** A write begins, or has failed. */
  begin(): void
}

/** At most four writes a second. */
const writeEveryMs = 250
const idle = { read: false, flush: false, touch: false }

/** Starts without a turn. */
export function createStorageTurns(host: TurnHost): StorageTurns {
  let lastWriteAt = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined
  let isScheduled = false
  let running: Promise<void> | undefined
  /** What was asked for while a turn was under way. */
  let asked: { readonly read: boolean; readonly flush: boolean; readonly touch: boolean } = idle

  function go(isFlush: boolean): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (running) {
      asked = { ...asked, flush: asked.flush || isFlush }
      if (isFlush) host.flushBeside()
      return running
    }
    const result = host.work(isFlush)
    if (!isSoon(result)) {
      finish()
      return Promise.resolve()
    }
    running = (async () => {
      await result
      running = undefined
      const { read, flush } = asked
      if (!read && !flush) return finish()
      if (read) host.mustRead()
      asked = { ...idle, touch: asked.touch }
      return go(flush)
    })()
    return running
  }

  function finish(): void {
    const { touch } = asked
    asked = idle
    if (touch || host.hasMore()) schedule()
  }

  function schedule(): void {
    if (running) asked = { ...asked, touch: true }
    if (timer !== undefined || isScheduled || running) return
    const waitMs = lastWriteAt + writeEveryMs - performance.now()
    if (waitMs > 0) {
      timer = setTimeout(() => {
        // Its time has come, whatever the clock makes of a timer that fires early.
        lastWriteAt = -Infinity
        void go(false)
      }, waitMs)
      return
    }
    // What changes in one turn of the engine is one write.
    isScheduled = true
    queueMicrotask(() => {
      isScheduled = false
      void go(false)
    })
  }

  return {
    read() {
      host.mustRead()
      if (running) asked = { ...asked, read: true }
      return go(false)
    },
    flush: () => go(true),
    schedule,
    isDue: () => performance.now() - lastWriteAt >= writeEveryMs,
    begin() {
      lastWriteAt = performance.now()
    },
  }
}
