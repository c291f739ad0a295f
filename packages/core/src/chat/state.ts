import type { FalLlmError } from '../errors.ts'
import type { FinishReason, LogLine, RunMode, Timing, ToolCall, Usage } from '../events.ts'

/** What the conversation as a whole is doing. loading: what is stored is not read yet; sends wait, visibly. */
export type ChatStatus =
  | 'loading'
  | 'ready'
  | 'uploading'
  | 'submitted'
  | 'queued'
  | 'streaming'
  | 'error'

/** How far one message got. The last four are endings; a message has exactly one. */
export type MessageStatus = 'pending' | 'streaming' | 'done' | 'stopped' | 'interrupted' | 'error'

/** A piece of a message, in the order it is shown. */
export type MessagePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'image'
      readonly url: string
      readonly mediaType?: string
      readonly name?: string
    }

/** What of the history was sent with a turn: nothing is trimmed silently. Its size does not grow with the history. */
export interface ContextReport {
  /** Turns that were sent, system turns among them. */
  readonly includedCount: number
  /** The oldest turn of the unbroken newest stretch that was sent; undefined when there was nothing to send. */
  readonly firstIncludedId: string | undefined
  /** Older turns that were sent all the same: pinned ones and system turns. */
  readonly pinnedIds: readonly string[]
  readonly droppedCount: number
  /** Images that were left out, newest first, at most 20: by name, else by address (a data URI: its media type). */
  readonly droppedFiles: readonly string[]
  /** Tokens of all that was sent, the system prompt among it; images are not counted. */
  readonly estimatedTokens: number
  /** messages: sent as they are. transcript: flattened into one prompt, for endpoints without messages. */
  readonly strategy: 'messages' | 'transcript'
  /** Turns that would be left out. Only an estimate lists them; a message never does. */
  readonly droppedIds?: readonly string[]
}

/** One turn of a conversation. Immutable: a message that did not change keeps its identity. */
export interface ChatMessage<Metadata = unknown> {
  readonly id: string
  readonly role: 'system' | 'user' | 'assistant'
  readonly parts: readonly MessagePart[]
  /** The text parts, joined. */
  readonly text: string
  /** The reasoning parts, joined. */
  readonly reasoning: string
  readonly status: MessageStatus
  readonly error: FalLlmError | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly parentId: string | null
  /** Which of its siblings this is; `count` 1 means there is no other. */
  readonly branch: { readonly index: number; readonly count: number }
  readonly endpoint?: string
  readonly model?: string
  readonly requestId?: string
  readonly finishReason?: FinishReason
  readonly usage?: Usage
  readonly timing?: Timing
  readonly context?: ContextReport
  readonly queue?: { readonly position?: number; readonly logs: readonly LogLine[] }
  /** fal's name of the queued answer, as long as it can still be fetched: `resume` or a reload goes on with it. */
  readonly job?: { readonly requestId: string; readonly endpoint: string }
  /** The model insists on reasoning: it was switched on without being asked for. */
  readonly reasoningForced?: true
  /** Calls of tools the model wants made. */
  readonly toolCalls?: readonly ToolCall[]
  readonly metadata?: Metadata
}

/** How a turn that waits is to be asked, where that is not as the chat asks. An endpoint stands by its name. */
export interface QueuedOptions {
  readonly endpoint?: string
  readonly model?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly system?: string
  readonly mode?: RunMode | 'durable'
}

/** An image of a turn that waits. */
export interface QueuedImage {
  /** Where it is, unless it is still to be uploaded. */
  readonly url?: string
  readonly name?: string
  readonly mediaType?: string
  /** Its file did not survive a reload: the turn would go out without it. */
  readonly gone?: true
}

/** A send that waits for the one before it, for the storage, or for a person. */
export interface QueuedSend {
  readonly id: string
  readonly text: string
  readonly images: readonly QueuedImage[]
  readonly metadata: unknown
  readonly options: QueuedOptions
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** A waiting send that was taken back: what it takes to put the words into the field again. */
export interface TakenBackSend {
  readonly text: string
  readonly images: readonly (Blob | string)[]
  readonly metadata: unknown
  readonly options: QueuedOptions
}

/** What a conversation used so far, other branches included. */
export interface SessionUsage extends Usage {
  readonly turns: number
  /** How many of them fal reported nothing of. Their tokens are estimated; `costUsd` is of the others, and exact. */
  readonly estimatedTurns: number
  readonly byModel: Readonly<Record<string, Usage>>
}

/** Everything a screen needs, in one snapshot. */
export interface ChatState<Metadata = unknown> {
  readonly id: string
  /** What `rename` has set. */
  readonly title: string | undefined
  readonly status: ChatStatus
  /** The visible path: one branch of each fork, oldest first. */
  readonly messages: readonly ChatMessage<Metadata>[]
  readonly error: FalLlmError | undefined
  /** Turns that wait, in the order they will be sent. */
  readonly queued: readonly QueuedSend[]
  /** What waits is sent only when a person sends something: after a stop or a failure, and in a reopened chat. */
  readonly paused: boolean
  readonly usage: SessionUsage
  /** failed: what is said is not being kept, for as long as this says so. none: the chat has no storage. */
  readonly storage: 'none' | 'ok' | 'failed'
  /** False until the stored conversation was read, or the storage's patience (2 s) was over. */
  readonly hydrated: boolean
  readonly isBusy: boolean
  readonly canSend: boolean
  readonly canStop: boolean
  readonly canRegenerate: boolean
}
