import type { ChatMessage } from '../state.ts'

/** What of a long conversation is sent. The newest user turn and pinned ones always are. */
export interface MemoryPolicy {
  /** Tokens of all that is sent: system prompt, summary, history and new turn. Default 64000. */
  readonly maxTokens?: number
  /** Of these, tokens kept free for the answer. Default 4096. */
  readonly reserveTokens?: number
  /** Turns that are sent however old they are. */
  readonly pin?: (message: ChatMessage) => boolean
  /**
   * Says in few words what was left out; it goes before the history. Asked once per set of left out turns.
   * A quarter of the tokens is kept for it, and what is longer is cut there. When it fails, nothing stands in.
   */
  readonly summarize?: (dropped: readonly ChatMessage[]) => Promise<string>
}

/** Turns that are sent, and those that are not; both oldest first. */
export interface TurnSelection {
  readonly included: readonly ChatMessage[]
  readonly dropped: readonly ChatMessage[]
}

/** Tokens that a request may have. */
export function tokenBudget({ maxTokens = 64_000, reserveTokens = 4_096 }: MemoryPolicy): number {
  return maxTokens - reserveTokens
}

/** Chooses from the newest turn back until the tokens are used up. Throws only what `pin` throws. */
export function selectTurns(
  turns: readonly ChatMessage[],
  policy: MemoryPolicy,
  tokens: number,
  tokensOf: (message: ChatMessage) => number,
): TurnSelection {
  // What follows the newest user turn is an answer that is gone on with.
  const newest = turns.findLastIndex((turn) => turn.role === 'user')
  const pinned = new Set(
    turns.filter((turn, index) => index >= newest || policy.pin?.(turn) === true),
  )
  let left = tokens
  for (const turn of pinned) left -= tokensOf(turn)

  const kept = new Set(pinned)
  for (const turn of turns.toReversed()) {
    if (pinned.has(turn)) continue
    left -= tokensOf(turn)
    // What is older would be a gap in what the model is told.
    if (left < 0) break
    kept.add(turn)
  }
  // History that begins with an answer has lost its question.
  const first = turns.find((turn) => kept.has(turn) && !pinned.has(turn))
  if (first?.role === 'assistant' && first !== turns[0]) kept.delete(first)
  return {
    included: turns.filter((turn) => kept.has(turn)),
    dropped: turns.filter((turn) => !kept.has(turn)),
  }
}
