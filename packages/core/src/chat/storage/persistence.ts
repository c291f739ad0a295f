// Keeps a conversation in its storage: when to read and when to write, how long to wait, and who is told. How the stored
// copy and the conversation become the same is in stored-copy.ts.

import { listenToOtherTabs } from './calls/other-tabs.ts'
import { storageError, withPatience } from './calls/patience.ts'
import { isSoon, runSteps, wait } from './calls/run-steps.ts'
import type { Steps } from './calls/run-steps.ts'
import { hasLocks, withLock } from './calls/storage-lock.ts'
import { isPartKey, partKey } from './parts/stored-chat.ts'
import { createStoredCopy } from './copy/stored-copy.ts'
import { createWaitingFiles } from './waiting-files.ts'
import type { FilesOfTurns } from './waiting-files.ts'
import { createStorageReport } from './storage-report.ts'
import type { PersistenceHost } from './storage-report.ts'
import { createStorageTurns } from './storage-turns.ts'

/** Keeps one conversation in one storage. Nothing here throws or rejects. */
export interface Persistence {
  /** Reads, merges, and hands the result to `adopt`. Resolves after that, or when its patience is over. */
  read(): Promise<void>
  /** Something changed: written at once if the last write is 250 ms past, else then. */
  touch(): void
  /** Writes what is not written, now; resolves when it is, or when that failed. A synchronous storage is written synchronously. */
  flush(): Promise<void>
  /** A file that waits for its upload; kept where the storage takes files. */
  keepBlobs(messageId: string, files: readonly (Blob | string | undefined)[]): void
  dropBlobs(messageId: string): void
  /** Stops listening to other tabs; a last write may still be under way. The host is called no more. */
  close(): void
}

/** Creates what keeps one conversation in one storage. Nothing is read or written before it is asked for. */
export function createPersistence(host: PersistenceHost): Persistence {
  const { storage, chatId } = host
  const key = partKey(chatId, 0)
  let mustRead = true
  let found: FilesOfTurns = new Map()

  const report = createStorageReport(host)
  const { kept } = report
  const failToSave = (cause: unknown): void => report.fail(storageError('saved', cause))
  const files = createWaitingFiles(storage, chatId, failToSave)
  const copy = createStoredCopy({
    storage,
    chatId,
    by: host.by,
    generation: host.generation,
    seeds: host.seeds,
    kept,
    *readBeside(stored) {
      found = new Map([...found, ...(yield* files.read(stored, kept()))])
    },
    taken(next, isUnreadable) {
      mustRead = false
      const blobs = found
      found = new Map()
      report.adopt(next, blobs)
      if (isUnreadable) {
        const why = new Error('what is stored is no conversation; it was set aside')
        report.fail(storageError('read', why))
      }
      report.open()
    },
    writing: () => turns.begin(),
    written: () => tabs.tell(),
  })
  const tabs = listenToOtherTabs(
    key,
    (name) => isPartKey(chatId, name),
    () => void turns.read(),
  )

  function* cycle(isFlush: boolean): Steps<void> {
    try {
      if (mustRead) yield* wait(withPatience(runSteps(readAndGoOn()), 'read'))
      if (isFlush || turns.isDue()) yield* writeAlone(isFlush)
      if (!copy.hasChanged()) report.succeed()
    } catch (cause) {
      turns.begin()
      report.fail(storageError(copy.isKnown ? 'saved' : 'read', cause))
      report.open()
    }
  }

  /** A read that ends when nobody waits for it any more is taken all the same. */
  function* readAndGoOn(): Steps<void> {
    yield* copy.read()
    turns.schedule()
  }

  /** Writes while no other page does. There is no time for a lock when a page that is closed writes its last. */
  function* writeAlone(isFlush: boolean): Steps<void> {
    const needsLock = !storage.compareAndSet && hasLocks() && !(isFlush && copy.isSynchronous)
    if (!needsLock) yield* copy.write(false)
    else if (copy.hasUnwritten()) yield* wait(withLock(key, () => runSteps(copy.write(true))))
  }

  const turns = createStorageTurns({
    work: (isFlush) => runSteps(cycle(isFlush)),
    /** What waits for its lock will find nothing left to do. */
    flushBeside() {
      if (!copy.isSynchronous) return
      try {
        // The storage was synchronous so far, and so is this; it may have changed.
        const result = runSteps(copy.write(false))
        if (isSoon(result)) void Promise.resolve(result).catch(failToSave)
        else if (!copy.hasChanged()) report.succeed()
      } catch (cause) {
        failToSave(cause)
      }
    },
    mustRead() {
      mustRead = true
    },
    /** A storage that fails is tried with the next change. */
    hasMore: () => !report.isFailing && copy.isKnown && copy.hasChanged(),
  })

  return {
    read: turns.read,
    touch: turns.schedule,
    flush: turns.flush,
    keepBlobs: (messageId, list) => files.keep(messageId, list),
    dropBlobs: (messageId) => files.drop(messageId, kept().messages.get(messageId)?.body),
    close() {
      report.close()
      tabs.close()
    },
  }
}
