// What of a conversation a crash must survive: registers, each written whole, each with a stamp, the greater stamp wins.

import type { FalLlmError } from '../errors.ts'
import type { FinishReason, LogLine, RunMode, Timing, ToolCall, Usage } from '../events.ts'
import type { ContextReport, MessagePart, MessageStatus } from './state.ts'

/**
 * Who wrote a register, and when: `at` is one more than any number seen in the conversation, `by` a random name per
 * opened chat. No two writes have the same stamp, so the greater of two is never in doubt. Wall time is not compared.
 */
export interface Stamp {
  readonly at: number
  readonly by: string
}

/** Where a message is. A later place has the greater rank, so no older copy undoes a step: sent wins over taken back. */
export const rank = { line: 0, takenBack: 1, tree: 2, removed: 3 } as const

/** Register: where a message is. Ordered by `[rank, at, by]`. */
export interface Place extends Stamp {
  readonly rank: (typeof rank)[keyof typeof rank]
  /** The message it follows; null for a first one, and for one that waits in the line. */
  readonly parentId: string | null
  /** Its place among its siblings and in the line: a counter, then the id. */
  readonly born: number
}

/** How an answer is asked for. An endpoint stands by its name. */
export interface Asked {
  readonly endpoint?: string
  readonly model?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly system?: string
  readonly mode?: RunMode | 'durable'
}

/** fal's name of a queued answer. */
export interface KeptJob {
  readonly requestId: string
  readonly endpoint: string
}

/**
 * Register: what a message says. Ordered by `[attempt, ended, at, by]`; whoever begins an answer, or goes on with it,
 * raises its attempt. An ending and the going of its job are one write: there is no between.
 */
export interface Body extends Stamp {
  /** 0 for what a person wrote. */
  readonly attempt: number
  /** False while somebody writes it: the chat `by`, if it lives. */
  readonly ended: boolean
  readonly role: 'system' | 'user' | 'assistant'
  /** An image that is not uploaded yet has the URL ''. Bytes are never in here. */
  readonly parts: readonly MessagePart[]
  readonly status: MessageStatus
  /** Milliseconds since the epoch; only shown, never compared. */
  readonly createdAt: number
  /** How an answer was asked, or how a turn that waits is to be. */
  readonly asked?: Asked
  /** Of a turn that waits or waited: the id its answer will have, so that two tabs that send it make one answer. */
  readonly answerId?: string
  /** Set as long as fal may still say the answer. */
  readonly job?: KeptJob
  /** A stopped job whose cancel fal has not confirmed. */
  readonly cancel?: KeptJob
  readonly error?: FalLlmError
  readonly endpoint?: string
  readonly model?: string
  readonly requestId?: string
  readonly finishReason?: FinishReason
  readonly usage?: Usage
  readonly timing?: Timing
  readonly context?: ContextReport
  readonly queue?: { readonly position?: number; readonly logs: readonly LogLine[] }
  readonly toolCalls?: readonly ToolCall[]
  /** The model insists on reasoning, so it was switched on. */
  readonly reasoningForced?: true
}

/** A body before it has its stamp. */
export type BodyFields = Omit<Body, keyof Stamp>

/** Register: what the app keeps with a message. Ordered by `[at, by]`. */
export interface Metadata extends Stamp {
  readonly value: unknown
}

/** The registers of one message. */
export interface Entry {
  readonly place: Place
  readonly body: Body
  readonly metadata?: Metadata
}

/** Register: which version of a fork is shown. Ordered by `[at, by]`. */
export interface Shown extends Stamp {
  readonly id: string
}

/** Register: the conversation's name. Ordered by `[at, by]`. */
export interface Title extends Stamp {
  readonly text: string
}

/** What is stored, merged, and returned by `toJSON`. No rule spans two registers: any part of the writes is valid. */
export interface Kept {
  /** Raised by `clear` and `setMessages`; of two copies the greater wins whole. */
  readonly generation: number
  readonly messages: ReadonlyMap<string, Entry>
  /** By the id of the message whose followers they are; '' for the first ones. */
  readonly shown: ReadonlyMap<string, Shown>
  readonly title?: Title
}

/** A conversation in which nothing was said. */
export const emptyKept: Kept = { generation: 0, messages: new Map(), shown: new Map() }

/** The greatest number in any stamp. */
export function greatestOf(kept: Kept): number {
  let greatest = kept.title?.at ?? 0
  for (const { place, body, metadata } of kept.messages.values()) {
    greatest = Math.max(greatest, place.at, place.born, body.at, metadata?.at ?? 0)
  }
  for (const { at } of kept.shown.values()) greatest = Math.max(greatest, at)
  return greatest
}
