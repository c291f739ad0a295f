// The value of a conversation. What a crash must survive is in `kept`: registers, each written whole, each with a stamp,
// the greater stamp wins. Everything else is in `here`: a crash loses it, and nothing is lost by it.

import type { FalLlmError } from '../../errors.ts'
import type { Usage } from '../../events.ts'
import type { Command, Settings, AnswerPhase } from './chat-event.ts'
import type { MessageTree } from './message-tree.ts'
import type { Body, Kept } from '../kept.ts'

/** An answer that this chat asks for or follows. Its words live here and enter its body at an ending, a write or a command. */
export interface Run {
  /** The body as it would be written now, but for the words. */
  readonly body: Body
  readonly text: string
  readonly reasoning: string
  readonly phase: AnswerPhase
  /** A followed job says its whole answer: its first word replaces what is there. */
  readonly isStale: boolean
  /** The leaf that was shown before; a refused version gives the screen back to it. */
  readonly previousLeafId: string | null
  /** It was begun by `regenerate`: the same wish again in the same moment means the same answer. */
  readonly isAgain: boolean
  /** What the answer used and said before it was continued. */
  readonly before: { readonly usage: Usage | undefined; readonly words: number }
}

/** What is known of the storage: `unread` until somebody looks, `open` when it was read or its patience is over. */
export interface StorageState {
  /** Raised with each storage that is given: what an older one says is not heard. */
  readonly source: number
  readonly read: 'none' | 'unread' | 'reading' | 'open'
  readonly isFailing: boolean
  /** The generation when this storage was given: a later one was made unread. */
  readonly generation: number
}

/** What this chat alone knows. A crash loses it, and nothing is lost by it. */
export interface Here {
  readonly by: string
  /** The greatest number seen in a stamp. */
  readonly at: number
  readonly settings: Settings
  /** Messages the chat began with: they count only where nothing is stored. */
  readonly seeds: ReadonlySet<string>
  readonly storage: StorageState
  readonly runs: ReadonlyMap<string, Run>
  /** Open answers that another chat is known to write. */
  readonly alive: ReadonlySet<string>
  /** Open answers of which it is being found out whether another chat writes them. */
  readonly claims: ReadonlySet<string>
  /** Jobs that were left by `detach`: a send or a page's return does not go on with them. */
  readonly detached: ReadonlySet<string>
  /** Turns of the line that a person of this chat wants sent. */
  readonly mine: ReadonlySet<string>
  /** Files of turns that are not uploaded yet, in the order of the turn's images. */
  readonly files: ReadonlyMap<string, readonly (Blob | string | undefined)[]>
  /** Commands that wait for the storage, or for an answer to end, in the order they were called. */
  readonly commands: readonly Command[]
  /** Open promises, and the answer each waits for. */
  readonly calls: ReadonlyMap<number, string>
  /** What waits is not sent before a person sends something. */
  readonly isPaused: boolean
  readonly isClosed: boolean
  /** Why the last answer failed, and which it was; `retry` is about it. */
  readonly failure: { readonly error: FalLlmError | undefined; readonly id: string } | undefined
}

/** A conversation as the engine sees it. The tree is derived from what is kept. */
export interface Conversation {
  readonly id: string
  readonly kept: Kept
  readonly tree: MessageTree
  readonly here: Here
}
