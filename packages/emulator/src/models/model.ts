import type { Question } from './question.ts'
import type { TokenUsage } from './usage.ts'

/** Why an answer ended, in OpenAI's words. */
export type EndReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

/** A fragment of a call to one of the tools that came with the question; `arguments` concatenate per index. */
export interface ToolCallPiece {
  readonly type: 'tool-call'
  readonly index: number
  readonly id?: string
  readonly name?: string
  readonly arguments: string
}

/** A piece of an answer, about one token. `end` or `error` is the last one. */
export type AnswerPiece =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  | ToolCallPiece
  | { readonly type: 'end'; readonly reason: EndReason; readonly usage: TokenUsage }
  | { readonly type: 'error'; readonly message: string }

/** Answers a question. Throws as soon as the signal is aborted. */
export type Model = (question: Question, signal: AbortSignal) => AsyncIterable<AnswerPiece>
