import type { ContextReport } from '@fal-llm/core'
import { formatCount } from './format.ts'

/** What of the history an answer was given. */
export interface ContextLine {
  /** "Sent 12 of 18 turns". */
  readonly text: string
  /** Why not all of it. */
  readonly reason: string
}

/** A line about an answer that was given only a part of the conversation; undefined when it was given all. */
export function toContextLine(context: ContextReport | undefined): ContextLine | undefined {
  if (!context) return undefined
  const { includedCount: sent, droppedCount: dropped, droppedFiles: files } = context
  if (dropped > 0) {
    return {
      text: `Sent ${formatCount(sent)} of ${formatCount(sent + dropped)} turns`,
      reason: `The conversation is longer than what is sent at once. ${formatCount(dropped)} older ${dropped === 1 ? 'turn was' : 'turns were'} left out; about ${formatCount(context.estimatedTokens)} tokens were sent.`,
    }
  }
  if (files.length === 0) return undefined
  return {
    text: `Left out ${formatCount(files.length)} ${files.length === 1 ? 'image' : 'images'}`,
    reason: `The endpoint does not look at so many images at once. Left out, newest first: ${files.join(', ')}.`,
  }
}
