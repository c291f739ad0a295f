import { emptyKept } from '../../kept.ts'
import type { Kept } from '../../kept.ts'
import type { ChatStorage } from '../chat-storage.ts'
import { readStored } from './read-stored.ts'
import { wait, waitAll } from '../calls/run-steps.ts'
import type { Steps } from '../calls/run-steps.ts'
import { headOf, partKey, revisionOf, textOf } from './stored-chat.ts'

/** A part as it was read or written last. */
export interface KnownPart {
  /** What its text begins with; '' where there is none. */
  readonly head: string
  readonly revision: number
  readonly kept: Kept
  /** How many parts there are, as the first one says. */
  readonly partCount: number
}

/** A text that could not be read, or not all of it. */
export interface Damaged {
  readonly part: number
  readonly text: string
  readonly isUnreadable: boolean
}

/** What a storage holds of a conversation. */
export interface ReadParts {
  readonly parts: readonly KnownPart[]
  readonly damaged: readonly Damaged[]
}

/** A part that is not there. */
export const nothingKnown: KnownPart = { head: '', revision: 0, kept: emptyKept, partCount: 1 }

/**
 * Reads all parts of a conversation, and one past the last: a part may have been written and not yet been counted.
 * A part whose head is `known` is not parsed again.
 *
 * @param firstItem What the storage gives for the first part.
 */
export function* readParts(
  storage: ChatStorage,
  chatId: string,
  known: readonly KnownPart[] = [],
  firstItem: unknown = storage.getItem(partKey(chatId, 0)),
): Steps<ReadParts> {
  const damaged: Damaged[] = []
  const get = (part: number): unknown => storage.getItem(partKey(chatId, part))
  const recall = (item: unknown, part: number): KnownPart => {
    const text = textOf(item)
    if (text === undefined) return nothingKnown
    const head = headOf(text)
    const before = known[part]
    if (before?.head === head) return before
    // A storage that parses JSON itself gives the value; it is not parsed twice.
    const read = readStored(item)
    if (!read?.isWhole) damaged.push({ part, text, isUnreadable: !read })
    const { kept = emptyKept, partCount = 1 } = read ?? {}
    return { head, revision: revisionOf(text), kept, partCount }
  }
  const first = recall(yield* wait(firstItem), 0)
  const count = Math.max(first.partCount, known.length, 1)
  const later = Array.from({ length: Math.min(count, 10_000) }, (_, index) => get(index + 1))
  const parts = [first, ...(yield* waitAll(later)).map((item, index) => recall(item, index + 1))]
  while (parts.at(-1) !== nothingKnown)
    parts.push(recall(yield* wait(get(parts.length)), parts.length))
  while (parts.at(-1) === nothingKnown) parts.pop()
  return { parts, damaged }
}
