import type { Endpoint, EndpointId, ModelOf, ParamsOf } from '../endpoints/index.ts'
import type { FalLlmError } from '../errors.ts'
import type { GenerationEvent, RunMode } from '../events.ts'
import type { FalLlm } from '../generate/fal-llm.ts'
import type { Flush } from '../store.ts'
import type { ChatStorage } from './persistence.ts'
import type { MemoryPolicy } from './prompt/select-turns.ts'
import type { ChatMessage, ChatState } from './state.ts'

/** What a user sends: words, pictures, or both. */
export type SendInput =
  | string
  | {
      readonly text?: string
      /** URLs, data URIs, or Blobs, which are uploaded first. */
      readonly images?: Iterable<Blob | string>
      /** Kept on the user's message. */
      readonly metadata?: unknown
    }

/** What a send does while an answer is being written. queue: waits (default). interrupt: stops it. reject: refuses. */
export type WhenBusy = 'queue' | 'interrupt' | 'reject'

/** durable: through the queue, with the request id stored before a screen shows it. Survives reload, crash and tab close. */
export type ChatMode = RunMode | 'durable'

/** Options of one turn; they win over the chat's. */
export interface SendOptions<E extends EndpointId = EndpointId> {
  readonly endpoint?: E | Endpoint
  readonly model?: ModelOf<E>
  readonly params?: ParamsOf<E>
  readonly system?: string
  readonly mode?: ChatMode
  readonly whenBusy?: WhenBusy
}

/** How a conversation is held. All of it can be changed while it runs. */
export interface ChatOptions<E extends EndpointId = EndpointId, Metadata = unknown> {
  /** Default: a new id. */
  readonly id?: string
  readonly llm?: FalLlm
  /** Default 'openrouter/router'. */
  readonly endpoint?: E | Endpoint
  readonly model?: ModelOf<E>
  readonly system?: string
  readonly params?: ParamsOf<E>
  /** The conversation to begin with. */
  readonly messages?: readonly ChatMessage<Metadata>[]
  /** Default: 'stream' where the endpoint supports it, else 'queue'. */
  readonly mode?: ChatMode
  /** What of a long history is sent. Default: the newest 64000 tokens. */
  readonly memory?: MemoryPolicy | false
  /** Default 'queue'. */
  readonly whenBusy?: WhenBusy
  /** Keeps the conversation. It is read with the first subscriber or command, never while rendering on a server. */
  readonly storage?: ChatStorage
  /** Whether a durable answer found in the storage is re-joined by itself. Default true. */
  readonly resume?: boolean
  /** How often subscribers hear of new text: once per frame (default), on every event, or every n ms. */
  readonly flush?: Flush
  /** Default: a UUID. */
  readonly createId?: () => string
  /** After an answer is complete. */
  readonly onFinish?: (event: {
    readonly message: ChatMessage<Metadata>
    readonly state: ChatState<Metadata>
  }) => void
  /** After an answer failed or was cut, not after a stop; and when the storage fails. */
  readonly onError?: (error: FalLlmError, message: ChatMessage<Metadata> | undefined) => void
  readonly onEvent?: (event: GenerationEvent, messageId: string) => void
}

/** A conversation: a published state and the commands that change it. It is also a Svelte store. */
export interface Chat<Metadata = unknown> {
  readonly id: string
  /** The last published state; the same object until something is published. */
  getState(): ChatState<Metadata>
  /** The first state, for rendering on a server and for hydration. */
  getServerState(): ChatState<Metadata>
  /** Calls the listener at once and after each change. Returns the unsubscribe. */
  subscribe(listener: (state: ChatState<Metadata>) => void): () => void
  /**
   * Resolves with the ended assistant message; a failed run is on its `error`.
   *
   * @throws FalLlmError only for misuse: `busy`, `invalid-input`; `cancelled` for a waiting send that was taken back.
   */
  send(input: SendInput, options?: SendOptions): Promise<ChatMessage<Metadata>>
  /** Ends the answer being written; what was written stays. Resolves when it has ended. Never rejects. */
  stop(): Promise<void>
  /** Stops listening without cancelling a queued job. */
  detach(): void
  /** Answers the last turn (or the one `messageId` is of) again, as a sibling branch. */
  regenerate(
    options?: { readonly messageId?: string } & SendOptions,
  ): Promise<ChatMessage<Metadata>>
  /** Says a user's turn differently, as a sibling branch, and answers it. */
  edit(messageId: string, input: SendInput, options?: SendOptions): Promise<ChatMessage<Metadata>>
  /** Tries the failed answer again; undefined when none failed. */
  retry(): Promise<ChatMessage<Metadata> | undefined>
  /** Reads the storage and re-joins a durable answer that has not ended; undefined when there is none. */
  resume(): Promise<ChatMessage<Metadata> | undefined>
  /** Shows another version of a message. A step past either end changes nothing. */
  switchBranch(messageId: string, to: number | 'next' | 'previous'): void
  /** Takes a waiting send back. */
  cancelQueued(id: string): void
  /** Sends a waiting one now; an answer being written is stopped. */
  sendQueuedNow(id: string): Promise<ChatMessage<Metadata>>
  /** Replaces the conversation; the new one has no branches. Waits for no answer: stop first. */
  setMessages(
    messages:
      | readonly ChatMessage<Metadata>[]
      | ((current: readonly ChatMessage<Metadata>[]) => readonly ChatMessage<Metadata>[]),
  ): void
  /** Takes a message and all that follows it out of the conversation. */
  remove(messageId: string): void
  clear(): void
  clearError(): void
  /** Patches options; a changed `id` opens that conversation, anything else keeps the messages. */
  setOptions(patch: Partial<ChatOptions<EndpointId, Metadata>>): void
  toJSON(): object
  /** Stops listening for good. */
  destroy(): void
}
