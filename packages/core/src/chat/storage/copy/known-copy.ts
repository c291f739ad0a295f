import type { Kept } from '../../kept.ts'
import type { ChatStorage } from '../chat-storage.ts'
import type { Steps } from '../calls/run-steps.ts'
import type { PartLayout } from '../parts/plan-parts.ts'
import type { KnownPart } from '../parts/read-parts.ts'

/** What a stored copy asks of what keeps it. */
export interface StoredCopyHost {
  readonly storage: ChatStorage
  readonly chatId: string
  readonly by: string
  readonly generation: number
  readonly seeds: ReadonlySet<string>
  kept(): Kept
  /** What is read beside the text, before it is taken over. */
  readBeside(stored: Kept): Steps<void>
  /** It was read; `kept` is `kept()` where nothing new was found. `isUnreadable`: something was set aside. */
  taken(kept: Kept, isUnreadable: boolean): void
  /** A write begins. */
  writing(): void
  /** All of it is stored. */
  written(): void
}

/** What is known of a stored copy. Reading and writing change it; nobody else sees it. */
export interface KnownCopy {
  readonly host: StoredCopyHost
  parts: readonly KnownPart[]
  layout: PartLayout
  /** What the storage holds. */
  saved: Kept
  /** Parts whose text was set aside: they are to be written whatever is in them. */
  damaged: ReadonlySet<number>
  /** It was read. */
  isKnown: boolean
  isSynchronous: boolean
  /** How many reads have begun, and which has ended last. */
  reads: number
  lastRead: number
  lastRevision: number
  /** What the list of conversations says of this one. */
  listed: string | undefined
  /** What was the conversation when all of it was stored. */
  written: Kept | undefined
  /** The part whose number beside it was another one than its text says. */
  refused: number | undefined
}
