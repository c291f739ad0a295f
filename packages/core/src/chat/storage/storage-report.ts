// What a conversation hears of its storage, and when it hears no more.

import type { FalLlmError } from '../../errors.ts'
import type { Kept } from '../kept.ts'
import type { ChatStorage } from './chat-storage.ts'
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
  adopt(kept: Kept, blobs: FilesOfTurns): void
  /** The first read of this storage has ended: what is stored is known, or nothing is stored. Called once, after `adopt`. */
  opened(): void
  /** The storage fails (an error, told once per failure) or works again (undefined). */
  failing(error: FalLlmError | undefined): void
}

/** Tells the host of its storage until it is closed; then what is read and written is kept here. */
export interface StorageReport {
  readonly isFailing: boolean
  /** What is to be stored now. */
  kept(): Kept
  /** It was read and merged. */
  adopt(kept: Kept, blobs: FilesOfTurns): void
  /** The first read has ended. */
  open(): void
  fail(error: FalLlmError): void
  succeed(): void
  close(): void
}

/** Starts to tell. */
export function createStorageReport(host: PersistenceHost): StorageReport {
  /** The conversation once nobody is there to take what is read. */
  let left: { readonly kept: Kept } | undefined
  let isOpened = false
  let isFailing = false
  const kept = (): Kept => left?.kept ?? host.kept()
  return {
    get isFailing() {
      return isFailing
    },
    kept,
    adopt(next, blobs) {
      if (left) left = { kept: next }
      else if (next !== kept() || blobs.size > 0) host.adopt(next, blobs)
    },
    open() {
      if (!isOpened && !left) host.opened()
      isOpened = true
    },
    fail(error) {
      if (!isFailing && !left) host.failing(error)
      isFailing = true
    },
    succeed() {
      if (isFailing && !left) host.failing(undefined)
      isFailing = false
    },
    close() {
      left ??= { kept: host.kept() }
    },
  }
}
