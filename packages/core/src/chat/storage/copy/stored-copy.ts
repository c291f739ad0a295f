// What is known of the stored copy of a conversation, and how it and the conversation become the same: by reading and
// merging, and by writing the parts that lack something. Nothing is written before it was read.

import { emptyKept } from '../../kept.ts'
import type { Steps } from '../calls/run-steps.ts'
import type { KnownCopy, StoredCopyHost } from './known-copy.ts'
import { readCopy } from './read-copy.ts'
import { unwrittenIn, writeCopy } from './write-copy.ts'

/** The stored copy of one conversation. Its steps throw what the storage throws. */
export interface StoredCopy {
  readonly isKnown: boolean
  /** Whether the storage answers at once: then a write is done before its page is gone. */
  readonly isSynchronous: boolean
  /** Whether something may have changed since the last write; cheap. */
  hasChanged(): boolean
  /** Whether there is something to write. */
  hasUnwritten(): boolean
  read(): Steps<void>
  /** Writes what is not stored, and merges with what others wrote meanwhile. */
  write(canLock: boolean): Steps<void>
}

/** Creates what is known of a stored copy: nothing yet. */
export function createStoredCopy(host: StoredCopyHost): StoredCopy {
  const copy: KnownCopy = {
    host,
    parts: [],
    layout: [],
    saved: { ...emptyKept, generation: host.generation },
    damaged: new Set(),
    isKnown: false,
    isSynchronous: true,
    reads: 0,
    lastRead: 0,
    lastRevision: 0,
    listed: undefined,
    written: undefined,
    refused: undefined,
  }
  return {
    get isKnown() {
      return copy.isKnown
    },
    get isSynchronous() {
      return copy.isSynchronous && !host.storage.compareAndSet
    },
    hasChanged: () => host.kept() !== copy.written || copy.damaged.size > 0,
    hasUnwritten: () => unwrittenIn(copy) !== undefined,
    read: () => readCopy(copy),
    write: (canLock) => writeCopy(copy, canLock),
  }
}
