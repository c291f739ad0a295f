import type { Endpoint, EndpointId, ModelOf, ModeOf, ParamsOf } from '../endpoints/index.ts'
import type { FalLlmError } from '../errors.ts'
import type { GenerationEvent } from '../events.ts'
import type { FalLlm } from '../generate/fal-llm.ts'
import type { Flush } from '../store.ts'
import type { ChatStorage } from './storage/chat-storage.ts'
import type { StoredChat } from './storage/to-stored-chat.ts'
import type { MessageInput } from './message-input.ts'
import type { MemoryPolicy } from './prompt/select-turns.ts'
import type { ChatMessage, ChatState, ContextReport, MessagePart, TakenBackSend } from './state.ts'

/** What a user sends: text, images, or both. */
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
export type ChatMode<E extends EndpointId = EndpointId> = ModeOf<E> | 'durable'

/** Options of one turn; they win over the chat's. */
export interface SendOptions<E extends EndpointId = EndpointId> {
  readonly endpoint?: E | Endpoint
  readonly model?: ModelOf<E>
  readonly params?: ParamsOf<E>
  readonly system?: string
  readonly mode?: ChatMode<E>
  readonly whenBusy?: WhenBusy
}

/** How long functions of yours may take. */
export interface ChatTimeouts {
  /** Milliseconds `summarize` may take; then nothing stands in for what was left out. Default 10000. */
  readonly callbackMs?: number
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
  /** The conversation to begin with. Not used where the storage holds one. `{ role, text }` is enough of a message. */
  readonly messages?: readonly MessageInput<Metadata>[]
  /** A whole conversation, branches and all, as `toJSON` gave it and `readChat` has checked it. */
  readonly from?: StoredChat
  /** Default: 'stream' where the endpoint supports it, else 'queue'. */
  readonly mode?: ChatMode<E>
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
  /** Must give a new id each time. Default: a UUID. */
  readonly createId?: () => string
  /** How long functions of yours may take. */
  readonly timeouts?: ChatTimeouts
  /** After an answer is complete, with the state of its own conversation. A callback that throws or rejects is reported on the console. */
  readonly onFinish?: (event: {
    readonly message: ChatMessage<Metadata>
    readonly state: ChatState<Metadata>
  }) => unknown
  /** After an answer failed or was cut, not after a stop; and when the storage fails. */
  readonly onError?: (error: FalLlmError, message: ChatMessage<Metadata> | undefined) => unknown
  readonly onEvent?: (event: GenerationEvent, messageId: string) => unknown
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
   * Resolves with the ended assistant message; a failed run is on its `error`. The words are in `queued` or `messages`
   * from the first instant. What waits behind a stop waits for a person: it settles when it is sent, taken back, cleared
   * or destroyed.
   *
   * @throws FalLlmError only for misuse: `busy`, `invalid-input`; `cancelled` for a waiting send that was taken back,
   * and after `destroy()`.
   */
  send(input: SendInput, options?: SendOptions): Promise<ChatMessage<Metadata>>
  /** Ends the answer being written at once; what was written stays, a queued job is cancelled. What waits, waits for a person. Never rejects. */
  stop(): Promise<void>
  /** Stops listening without cancelling a durable answer: it is `interrupted` with its job, and `resume` or a reload goes on with it. */
  detach(): void
  /**
   * Answers the last turn (or the one `messageId` is of) again, as a sibling branch, and shows it. It is asked as before,
   * with the same model, params, system and mode, unless the options say otherwise.
   */
  regenerate(
    options?: { readonly messageId?: string } & SendOptions,
  ): Promise<ChatMessage<Metadata>>
  /** Says a user's turn differently, as a sibling branch, and answers it. */
  edit(messageId: string, input: SendInput, options?: SendOptions): Promise<ChatMessage<Metadata>>
  /** Tries the failed answer again, asked as before; one that fal may still have is fetched, not paid for again. undefined when none failed. */
  retry(): Promise<ChatMessage<Metadata> | undefined>
  /** Lets an answer that was stopped, cut or too long grow on, in the same message. undefined when the last answer is complete. */
  continue(): Promise<ChatMessage<Metadata> | undefined>
  /** Reads the storage and goes on with the durable answers that have not ended; undefined when there is none. */
  resume(): Promise<ChatMessage<Metadata> | undefined>
  /** Shows another version of a message. A step past either end changes nothing. @throws FalLlmError `busy`, `invalid-input` */
  switchBranch(messageId: string, to: number | 'next' | 'previous'): void
  /** Takes a waiting send back and resolves with its content. @throws FalLlmError `invalid-input` when it does not wait (any more) */
  cancelQueued(id: string): Promise<TakenBackSend>
  /** Sends a waiting one now; an answer being written is stopped. The others follow in their order. */
  sendQueuedNow(id: string): Promise<ChatMessage<Metadata>>
  /** Replaces the conversation; the new one has no branches. An answer being written is stopped first; what waits stays. @throws FalLlmError `invalid-input` */
  setMessages(
    messages:
      | readonly MessageInput<Metadata>[]
      | ((current: readonly ChatMessage<Metadata>[]) => readonly MessageInput<Metadata>[]),
  ): void
  /** Adds a message below the last one that is shown, and asks nothing. @throws FalLlmError `busy` while an answer is written there */
  append(message: MessageInput<Metadata>): ChatMessage<Metadata>
  /** Changes words or metadata of a message; its branches stay. @throws FalLlmError `busy` while it is written, `invalid-input` */
  update(
    messageId: string,
    patch: {
      readonly text?: string
      readonly parts?: readonly MessagePart[]
      readonly metadata?: Metadata
    },
  ): ChatMessage<Metadata>
  /** Takes a message and all that follows it out of the conversation; what it cost stays counted. @throws FalLlmError `busy`, `invalid-input` */
  remove(messageId: string): void
  /** Empties the conversation and its waiting list. An answer being written is stopped first. */
  clear(): void
  clearError(): void
  /** Gives the conversation a name, for `listChats` and `state.title`. */
  rename(title: string): void
  /** What would be sent, its tokens, and what would be left out. Asks nothing. */
  estimate(input?: SendInput, options?: SendOptions): Promise<ContextReport>
  /** Patches options; a changed `id` opens that conversation, anything else keeps the messages. */
  setOptions(patch: Partial<ChatOptions<EndpointId, Metadata>>): void
  /** The whole conversation: branches, what waits, jobs. `createFalChat({ from: readChat(json) })` opens it again. */
  toJSON(): StoredChat
  /**
   * Stops listening for good: calls that are open are `cancelled`, durable answers go on at fal, the last write goes out.
   * Resolves when it is out, after 2 s at most. Never rejects.
   */
  destroy(): Promise<void>
}
