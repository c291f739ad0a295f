import type { Answer } from '../models/collect-answer.ts'
import type { Question } from '../models/question.ts'

/** The output of a prompt endpoint: the whole text so far. */
export interface Output {
  readonly output: string
  readonly partial: boolean
  readonly error: string | null
  /** Only where reasoning was asked for or given. */
  readonly reasoning?: string | null
  /** Only at the end, and only from endpoints that report it. */
  readonly usage?: Answer['usage']
}

/** Writes an answer, finished or not, as the output of a prompt endpoint. */
export function toOutput({ endpoint, wantsReasoning }: Question, answer: Answer): Output {
  const { text, reasoning, reason, error, usage } = answer
  const ended = reason !== undefined || error !== undefined
  return {
    output: text,
    partial: !ended,
    error: error ?? null,
    ...((wantsReasoning || reasoning !== '') && { reasoning: reasoning || null }),
    ...(endpoint.supports.usage && usage && { usage }),
  }
}
