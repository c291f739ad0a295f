// What can happen to a conversation, and what is to be done about it. Both are data: `step` takes the one and gives the other.

import type { FalLlmError } from '../../errors.ts'
import type { GenerationEvent, Timing, ToolCall } from '../../events.ts'
import type { WhenBusy } from '../chat.ts'
import type { ChatMessage, ContextReport, MessagePart, TakenBackSend } from '../state.ts'
import type { Asked, BodyFields, Kept, KeptJob } from '../kept.ts'
import type { SendContent } from '../parse-send-input.ts'

/** What the options say, as far as deciding needs it. */
export interface Settings {
  /** How an answer is asked where a call does not say. */
  readonly asked: Asked
  readonly whenBusy: WhenBusy
  readonly hasStorage: boolean
  /** Whether jobs that are found are followed by themselves. */
  readonly resume: boolean
  /** Whether a lock can tell that another page writes an answer. */
  readonly hasLocks: boolean
}

/** A message given whole. */
export interface GivenMessage {
  readonly id: string
  readonly entry: { readonly body: BodyFields; readonly metadata?: unknown }
}

/** A command, as it was called. `call` names the promise it settles; ids are made by the caller. */
export type Command = { readonly call: number } & (
  | {
      readonly do: 'send'
      readonly id: string
      readonly answerId: string
      readonly content: SendContent
      readonly asked: Asked
      readonly whenBusy?: WhenBusy | undefined
    }
  | {
      readonly do: 'regenerate'
      readonly answerId: string
      readonly messageId?: string | undefined
      readonly asked: Asked
      readonly whenBusy?: WhenBusy | undefined
    }
  | {
      readonly do: 'edit'
      readonly messageId: string
      readonly id: string
      readonly answerId: string
      readonly content: SendContent
      readonly asked: Asked
      readonly whenBusy?: WhenBusy | undefined
    }
  | { readonly do: 'retry'; readonly answerId: string }
  | {
      readonly do:
        | 'open'
        | 'continue'
        | 'resume'
        | 'stop'
        | 'detach'
        | 'destroy'
        | 'clear'
        | 'clear-error'
    }
  | { readonly do: 'switch'; readonly messageId: string; readonly to: number | 'next' | 'previous' }
  | { readonly do: 'take-back' | 'send-now' | 'remove'; readonly messageId: string }
  | {
      readonly do: 'set-messages'
      readonly messages: readonly GivenMessage[]
    }
  | { readonly do: 'append'; readonly message: GivenMessage }
  | {
      readonly do: 'update'
      readonly messageId: string
      readonly parts?: readonly MessagePart[] | undefined
      readonly metadata?: unknown
      readonly hasMetadata: boolean
    }
  | { readonly do: 'rename'; readonly title: string }
)

/** What is being done about an answer that has not ended. */
export type AnswerPhase = 'uploading' | 'submitted' | 'queued' | 'streaming'

/** How the work on an answer came to its end. */
export type Outcome =
  | { readonly ok: true; readonly timing: Timing; readonly toolCalls: readonly ToolCall[] }
  | { readonly ok: false; readonly timing: Timing; readonly error: FalLlmError }

/** Everything that can happen. Events of an answer carry its attempt: those of an older one change nothing. */
export type ChatEvent =
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'settings-changed'; readonly settings: Settings }
  /** Another storage is given, or none. */
  | { readonly type: 'storage-given' }
  /** Somebody looks at the chat, or the page has returned. */
  | { readonly type: 'looked-at' }
  | {
      readonly type: 'stored-merged'
      readonly source: number
      readonly kept: Kept
      readonly files: ReadonlyMap<string, readonly (Blob | undefined)[]>
    }
  | { readonly type: 'storage-opened'; readonly source: number }
  | { readonly type: 'storage-failing'; readonly source: number; readonly isFailing: boolean }
  | {
      readonly type: 'answer-events'
      readonly id: string
      readonly attempt: number
      readonly events: readonly GenerationEvent[]
    }
  | {
      readonly type: 'answer-phase'
      readonly id: string
      readonly attempt: number
      readonly phase: AnswerPhase
    }
  | {
      readonly type: 'answer-context'
      readonly id: string
      readonly attempt: number
      readonly context: ContextReport
    }
  /** The files of a turn are at fal; the URLs stand in the order of its images. */
  | { readonly type: 'turn-uploaded'; readonly id: string; readonly urls: readonly string[] }
  /** fal has taken a durable answer, under this name. */
  | {
      readonly type: 'answer-accepted'
      readonly id: string
      readonly attempt: number
      readonly job: KeptJob
      readonly reasoningForced?: true | undefined
    }
  | {
      readonly type: 'answer-ended'
      readonly id: string
      readonly attempt: number
      readonly outcome: Outcome
    }
  /** Nobody else writes this answer. */
  | { readonly type: 'claim-granted'; readonly id: string }
  /** Another page writes this answer. */
  | { readonly type: 'claim-refused'; readonly id: string }
  | { readonly type: 'job-cancelled'; readonly id: string }
  /** The part that is loaded on use is there: what waited for it goes on. */
  | { readonly type: 'part-loaded' }
  /** It could not be fetched. */
  | { readonly type: 'part-missing'; readonly error: FalLlmError }

/** When an event happened. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** What is known of the answers being written, should the event end them. */
  readonly timings: ReadonlyMap<string, Timing>
}

/** What a call comes to. */
export type CallResult = ChatMessage | TakenBackSend | undefined

/** Something to be done. `waitMs`: not before what is kept now was written, or that long is over. */
export type Effect =
  /** Opens and reads the storage. */
  | { readonly type: 'read' }
  /** Loads the part that a command waits for. */
  | { readonly type: 'load' }
  | {
      readonly type: 'ask' | 'follow'
      readonly id: string
      readonly attempt: number
      readonly waitMs: number
    }
  /** Finds out whether another page writes the answer. */
  | { readonly type: 'claim'; readonly id: string }
  /** Ends the work on an answer: abort gives it up, leave lets a job go on. */
  | { readonly type: 'abort' | 'leave'; readonly id: string }
  | { readonly type: 'cancel'; readonly id: string; readonly job: KeptJob }
  | { readonly type: 'keep-files' | 'drop-files'; readonly id: string }
  | { readonly type: 'settle'; readonly call: number; readonly result: CallResult }
  | { readonly type: 'refuse'; readonly call: number; readonly error: FalLlmError }
  | { readonly type: 'finished'; readonly message: ChatMessage }
  | { readonly type: 'failed'; readonly error: FalLlmError; readonly message: ChatMessage }
