// The shapes of OpenRouter's chat completions, which fal serves under openrouter/router/openai/v1.

import type { Answer } from '../models/collect-answer.ts'
import type { EndReason, ToolCallPiece } from '../models/model.ts'
import type { Question } from '../models/question.ts'
import type { TokenUsage } from '../models/usage.ts'

/** The fields that every chunk of one completion repeats. */
export interface CompletionHead {
  readonly id: string
  /** Seconds since the epoch. */
  readonly created: number
  readonly model: string
}

/** A part of an answer, as the next chunk carries it. */
export interface ChatDelta {
  readonly role?: 'assistant'
  readonly content?: string
  readonly reasoning?: string
  readonly reasoning_details?: readonly object[]
  readonly tool_calls?: readonly object[]
}

const provider = 'Emulator'

/** Makes the fields that all chunks of an answer repeat. */
export function toCompletionHead(
  question: Question,
  requestId: string,
  nowMs: number,
): CompletionHead {
  const created = Math.floor(nowMs / 1000)
  return { id: `gen-${created}-${requestId}`, created, model: question.model }
}

/** Writes a whole answer. */
export function toCompletion(head: CompletionHead, answer: Answer): object {
  const { text, reasoning, toolCalls, reason, usage } = answer
  const calls = toolCalls.map(({ id, name, arguments: text_ }, index) => ({
    index,
    id,
    type: 'function',
    function: { name, arguments: text_ },
  }))
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    provider,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: calls.length > 0 && text === '' ? null : text,
          refusal: null,
          reasoning: reasoning || null,
          ...(reasoning && { reasoning_details: [toReasoningDetail(reasoning)] }),
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        finish_reason: reason ?? 'stop',
        native_finish_reason: (reason ?? 'stop').toUpperCase(),
        logprobs: null,
      },
    ],
    usage,
  }
}

/** Writes one chunk of a stream. */
export function toChunk(
  head: CompletionHead,
  delta: ChatDelta,
  finishReason: EndReason | 'error' | null = null,
  more: { readonly usage?: TokenUsage; readonly error?: object } = {},
): object {
  const native = finishReason !== null && { native_finish_reason: finishReason.toUpperCase() }
  return {
    id: head.id,
    object: 'chat.completion.chunk',
    created: head.created,
    model: head.model,
    provider,
    ...(more.error && { error: more.error }),
    choices: [{ index: 0, delta, finish_reason: finishReason, ...native }],
    ...(more.usage && { usage: more.usage }),
  }
}

/** Writes a fragment of a tool call; the first one has the name. */
export function toToolCallDelta({ index, id, name, arguments: text }: ToolCallPiece): ChatDelta {
  const call = { ...(name !== undefined && { name }), arguments: text }
  return {
    tool_calls: [{ index, ...(id !== undefined && { id, type: 'function' }), function: call }],
  }
}

/** Writes a piece of reasoning in both fields that OpenRouter has for it. */
export function toReasoningDelta(reasoning: string): ChatDelta {
  return { reasoning, reasoning_details: [toReasoningDetail(reasoning)] }
}

function toReasoningDetail(text: string): object {
  return { type: 'reasoning.text', text, index: 0, format: null }
}
