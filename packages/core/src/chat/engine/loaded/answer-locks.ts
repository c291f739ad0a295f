// Which page writes an answer: the one that holds the Web Lock of its name, and it holds it only while it writes. A page
// that is closed or killed lets go. Locks reach every page of one browser and nothing else, so they count only where
// there is a document.

import { lockManager } from '../lock-manager.ts'

/** The locks of a page's answers. */
export interface AnswerLocks {
  /** Resolves with true when nobody else holds the lock: then it is held. False: `onFreed` is called once it is let go. */
  claim(id: string): Promise<boolean>
  /** Takes the lock as soon as it is free, and tells nobody. */
  hold(id: string): void
  release(id: string): void
  releaseAll(): void
}

/** Creates the locks of one conversation's answers; `onFreed` is told of one that was refused, and is held now. */
export function createAnswerLocks(onFreed: (id: string) => unknown): AnswerLocks {
  const held = new Map<string, () => void>()

  const request = (id: string, ifAvailable: boolean, onLock: (isOurs: boolean) => void): void => {
    const giveUp = new AbortController()
    held.get(id)?.()
    held.set(id, () => giveUp.abort())
    const isCurrent = (): boolean => !giveUp.signal.aborted
    const options = ifAvailable ? { ifAvailable } : { signal: giveUp.signal }
    lockManager()
      ?.request(`fal-llm:answer:${id}`, options, (lock) => {
        if (!lock || !isCurrent()) return onLock(false)
        const kept = new Promise<void>((resolve) => held.set(id, resolve))
        onLock(true)
        return kept
      })
      // A wait that was given up, or a page that may not use locks: then nobody else is known to write.
      .catch(() => isCurrent() && onLock(true))
  }
  const release = (id: string): void => {
    held.get(id)?.()
    held.delete(id)
  }
  return {
    claim: (id) =>
      new Promise((resolve) => {
        request(id, true, (isOurs) => {
          resolve(isOurs)
          if (!isOurs) request(id, false, (isFree) => isFree && onFreed(id))
        })
      }),
    hold(id) {
      if (!held.has(id)) request(id, false, () => {})
    },
    release,
    releaseAll() {
      for (const letGo of held.values()) letGo()
      held.clear()
    },
  }
}
