import type { ChatStorage } from './chat-storage.ts'
import { runSteps, wait } from './calls/run-steps.ts'
import type { Soon, Steps } from './calls/run-steps.ts'
import { hasLocks, withLock } from './calls/storage-lock.ts'
import { revisionOf, textOf } from './parts/stored-chat.ts'

/** Makes the new text of a value; undefined leaves it as it is. `revision` is what the new text's head is to say. */
export type Change = (text: string | undefined, revision: number) => string | undefined

/** Reads a value, changes and writes it, in the best way the storage has. */
export function replaceItem(
  storage: ChatStorage,
  key: string,
  change: Change,
  canLock = true,
): Soon<void> {
  if (storage.compareAndSet) return runSteps(compareAndReplace(storage, key, change))
  if (canLock && hasLocks()) return withLock(key, () => runSteps(replace(storage, key, change)))
  return runSteps(replace(storage, key, change))
}

function* replace(storage: ChatStorage, key: string, change: Change): Steps<void> {
  const text = textOf(yield* wait(storage.getItem(key)))
  const next = change(text, revisionOf(text ?? '') + 1)
  if (next !== undefined) yield* wait(storage.setItem(key, next))
}

function* compareAndReplace(storage: ChatStorage, key: string, change: Change): Steps<void> {
  let before: string | undefined
  for (let tries = 0; tries < 8; tries++) {
    const text = textOf(yield* wait(storage.getItem(key)))
    // A text that stays as it is and is refused was put there by `setItem`: its number is 0.
    const isPlain = tries > 0 && text === before && tries % 2 === 1
    const expected = isPlain ? 0 : revisionOf(text ?? '')
    const next = change(text, expected + 1)
    if (next === undefined) return
    if (yield* wait(storage.compareAndSet?.(key, expected, next) ?? true)) return
    before = text
  }
  throw new Error('Others changed it again and again')
}
