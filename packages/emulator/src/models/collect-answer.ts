import type { AnswerPiece, EndReason } from './model.ts'
import type { TokenUsage } from './usage.ts'

/** A tool call, put together from its fragments. */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** An answer so far. */
export interface Answer {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** undefined until the answer has ended. */
  readonly reason: EndReason | undefined
  readonly usage: TokenUsage | undefined
  readonly error: string | undefined
}

/** An answer without any text. */
export const emptyAnswer: Answer = {
  text: '',
  reasoning: '',
  toolCalls: [],
  reason: undefined,
  usage: undefined,
  error: undefined,
}

/** Adds a piece to an answer. */
export function addPiece(answer: Answer, piece: AnswerPiece): Answer {
  switch (piece.type) {
    case 'text':
      return { ...answer, text: answer.text + piece.text }
    case 'reasoning':
      return { ...answer, reasoning: answer.reasoning + piece.text }
    case 'tool-call': {
      const { index, id = '', name = '' } = piece
      const known = answer.toolCalls[index] ?? { id, name, arguments: '' }
      const call = { ...known, arguments: known.arguments + piece.arguments }
      return { ...answer, toolCalls: answer.toolCalls.toSpliced(index, 1, call) }
    }
    case 'end':
      return { ...answer, reason: piece.reason, usage: piece.usage }
    case 'error':
      return { ...answer, error: piece.message }
  }
}

/** Waits for a whole answer. Rejects with what the model throws. */
export async function collectAnswer(pieces: AsyncIterable<AnswerPiece>): Promise<Answer> {
  let answer = emptyAnswer
  for await (const piece of pieces) answer = addPiece(answer, piece)
  return answer
}
