// What a conversation's engine is to the chat it belongs to, and the chat to its engine.

import type { Endpoint, EndpointId } from '../../endpoints/index.ts'
import type { FalLlmError } from '../../errors.ts'
import type { FalLlm } from '../../generate/fal-llm.ts'
import type { ChatOptions } from '../chat.ts'
import type { ChatState, ContextReport } from '../state.ts'
import type { Asked, Kept } from '../kept.ts'
import type { SendContent } from '../parse-send-input.ts'
import type { CallResult, Command, Settings, ChatEvent } from './chat-event.ts'
import type { Conversation } from './conversation.ts'

/** What an engine asks of the chat it belongs to. */
export interface EngineHost {
  /** The options as they are now. */
  options(): ChatOptions
  /** The client; one is made with the first question where none was given. */
  llm(): Promise<FalLlm>
  settings(): Settings
  endpointOf(name: string | undefined): EndpointId | Endpoint | undefined
  /** The conversation changed; `soon`: only words were added. */
  changed(engine: Engine, soon: boolean): void
  /** The state of this conversation, whether it is shown or not. */
  stateOf(engine: Engine): ChatState
  /** Tells `onError` of what belongs to no answer. */
  report(error: FalLlmError): void
}

/** A command before it has its number. */
export type Order = Command extends infer One
  ? One extends Command
    ? Omit<One, 'call'>
    : never
  : never

/** One conversation and what goes on in it. */
export interface Engine {
  /** The conversation as it is now. */
  value(): Conversation
  /** What is to be stored now, the words of answers being written included. */
  kept(): Kept
  /** Runs a command. A call nobody awaits is no unhandled rejection. */
  call(order: Order): Promise<CallResult>
  /**
   * Runs a command that is over at once; undefined for one that waits.
   *
   * @throws FalLlmError why it was refused.
   */
  callNow(order: Order): CallResult
  /** What would be asked now, if this were said. */
  estimate(content: SendContent | undefined, asked: Asked): Promise<ContextReport>
  /** Somebody looks at the chat; `again`: the page has returned, and others may have written meanwhile. */
  lookAt(how?: { readonly again: boolean }): void
  /** The page goes away: what is not written is written now. */
  flush(): void
  /** Options have changed. */
  follow(storageChanged: boolean): void
  /** Closes for good. Resolves when the last write is out, or the storage's patience is over. */
  close(): Promise<void>
}

/** What a conversation begins with. */
export interface FirstMessages {
  readonly kept: Kept
  /** Those that count only where nothing is stored. */
  readonly seeds: ReadonlySet<string>
}

/** What a worker may do to its conversation. */
export interface WorkerHost extends EngineHost {
  readonly id: string
  value(): Conversation
  kept(): Kept
  dispatch(event: ChatEvent): void
  /** Words were added: a screen hears of them in time. */
  changedSoon(): void
}
