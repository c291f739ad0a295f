// One page at a time reads, merges and writes. Node has locks too, but they do not reach another process: they count
// only where there is a document.

import { patienceMs } from './patience.ts'

/** Whether pages of one origin can keep out of each other's way here. Never throws. */
export function hasLocks(): boolean {
  // Some stand-ins for a page have null.
  return globalThis.document !== undefined && Boolean(globalThis.navigator?.locks)
}

/** Works under a lock; after two seconds without one: a page that is frozen may never give it back. */
export async function withLock<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), patienceMs)
  let isGranted = false
  try {
    return await globalThis.navigator.locks.request(name, { signal: waiting.signal }, () => {
      isGranted = true
      clearTimeout(timer)
      return work()
    })
  } catch (error) {
    if (isGranted) throw error
    return await work()
  } finally {
    clearTimeout(timer)
  }
}
