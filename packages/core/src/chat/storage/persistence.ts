// Keeps a conversation in its storage: when to read and when to write, how long to wait, and who is told. How the stored
// copy and the conversation become the same is in stored-copy.ts.

import type { FalLlmError } from '../../errors.ts'
import type { Kept } from '../kept.ts'
import type { ChatStorage } from './chat-storage.ts'
import { listenToOtherTabs } from './calls/other-tabs.ts'
import { storageError, withPatience } from './calls/patience.ts'
import { isSoon, runSteps, wait } from './calls/run-steps.ts'
import type { Steps } from './calls/run-steps.ts'
import { hasLocks, withLock } from './calls/storage-lock.ts'
import { isPartKey, partKey } from './parts/stored-chat.ts'
import { createStoredCopy } from './stored-copy.ts'
import { createWaitingFiles } from './waiting-files.ts'
import type { FilesOfTurns } from './waiting-files.ts'

/** What keeping a conversation asks of its engine. */
export interface PersistenceHost {
  readonly storage: ChatStorage
  readonly chatId: string
  /** The random name of this opened chat. */
  readonly by: string
  /** The generation of the conversation when this storage was given: a greater one was made unread. */
  readonly generation: number
  /** Messages the conversation began with: they count only where nothing is stored. */
  readonly seeds: ReadonlySet<string>
  /** What is to be stored now, the words of answers being written included. The same object while nothing changes. */
  kept(): Kept
  /**
   * Something stored was read and merged with `kept()`, synchronously before this call; it is the conversation now.
   * It may be called inside `read`, `flush` and, for what other tabs wrote, at any later time; not inside `touch`.
   */
  adopt(kept: Kept, blobs: ReadonlyMap<string, readonly (Blob | undefined)[]>): void
  /** The first read of this storage has ended: what is stored is known, or nothing is stored. Called once, after `adopt`. */
  opened(): void
  /** The storage fails (an error, told once per failure) or works again (undefined). */
  failing(error: FalLlmError | undefined): void
}

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

/** At most four writes a second. */
const writeEveryMs = 250
const idle = { read: false, flush: false, touch: false }

/** Creates what keeps one conversation in one storage. Nothing is read or written before it is asked for. */
export function createPersistence(host: PersistenceHost): Persistence {
  const { storage, chatId } = host
  const key = partKey(chatId, 0)
  /** The conversation once nobody is there to take what is read. */
  let left: { readonly kept: Kept } | undefined
  let isOpened = false
  let isFailing = false
  let mustRead = true
  let lastWriteAt = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined
  let isScheduled = false
  let running: Promise<void> | undefined
  /** What was asked for while something was under way. */
  let asked: { readonly read: boolean; readonly flush: boolean; readonly touch: boolean } = idle
  let found: FilesOfTurns = new Map()

  const kept = (): Kept => left?.kept ?? host.kept()
  const fail = (error: FalLlmError): void => {
    if (!isFailing && !left) host.failing(error)
    isFailing = true
  }
  const failToSave = (cause: unknown): void => fail(storageError('saved', cause))
  const succeed = (): void => {
    if (isFailing && !left) host.failing(undefined)
    isFailing = false
  }
  const open = (): void => {
    if (!isOpened && !left) host.opened()
    isOpened = true
  }

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
      if (left) left = { kept: next }
      else if (next !== kept() || blobs.size > 0) host.adopt(next, blobs)
      if (isUnreadable) {
        fail(storageError('read', new Error('what is stored is no conversation; it was set aside')))
      }
      open()
    },
    writing() {
      lastWriteAt = performance.now()
    },
    written: () => tabs.tell(),
  })
  const tabs = listenToOtherTabs(
    key,
    (name) => isPartKey(chatId, name),
    () => void read(),
  )

  function* cycle(isFlush: boolean): Steps<void> {
    try {
      if (mustRead) yield* wait(withPatience(runSteps(readAndGoOn()), 'read'))
      if (isFlush || performance.now() - lastWriteAt >= writeEveryMs) yield* writeAlone(isFlush)
      if (!copy.hasChanged()) succeed()
    } catch (cause) {
      lastWriteAt = performance.now()
      fail(storageError(copy.isKnown ? 'saved' : 'read', cause))
      open()
    }
  }

  /** A read that ends when nobody waits for it any more is taken all the same. */
  function* readAndGoOn(): Steps<void> {
    yield* copy.read()
    schedule()
  }

  /** Writes while no other page does. There is no time for a lock when a page that is closed writes its last. */
  function* writeAlone(isFlush: boolean): Steps<void> {
    const needsLock = !storage.compareAndSet && hasLocks() && !(isFlush && copy.isSynchronous)
    if (!needsLock) yield* copy.write(false)
    else if (copy.hasUnwritten()) yield* wait(withLock(key, () => runSteps(copy.write(true))))
  }

  /** Starts what is to be done, or leaves it to what is under way. */
  function go(isFlush: boolean): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (running) {
      asked = { ...asked, flush: asked.flush || isFlush }
      // What waits for its lock will find nothing left to do.
      if (isFlush && copy.isSynchronous) writeNow()
      return running
    }
    const result = runSteps(cycle(isFlush))
    if (!isSoon(result)) {
      finish()
      return Promise.resolve()
    }
    running = (async () => {
      await result
      running = undefined
      const { read: mustReadAgain, flush } = asked
      if (!mustReadAgain && !flush) return finish()
      mustRead ||= mustReadAgain
      asked = { ...idle, touch: asked.touch }
      return go(flush)
    })()
    return running
  }

  function writeNow(): void {
    try {
      // The storage was synchronous so far, and so is this; it may have changed.
      const result = runSteps(copy.write(false))
      if (isSoon(result)) void Promise.resolve(result).catch(failToSave)
      else if (!copy.hasChanged()) succeed()
    } catch (cause) {
      failToSave(cause)
    }
  }

  /** What has changed meanwhile is written in its turn; a storage that fails is tried with the next change. */
  function finish(): void {
    const { touch } = asked
    asked = idle
    if (touch || (!isFailing && copy.isKnown && copy.hasChanged())) schedule()
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

  function read(): Promise<void> {
    mustRead = true
    if (running) asked = { ...asked, read: true }
    return go(false)
  }

  return {
    read,
    touch: schedule,
    flush: () => go(true),
    keepBlobs: (messageId, list) => files.keep(messageId, list),
    dropBlobs: (messageId) => files.drop(messageId, kept().messages.get(messageId)?.body),
    close() {
      left ??= { kept: host.kept() }
      tabs.close()
    },
  }
}
