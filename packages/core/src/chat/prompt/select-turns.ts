import type { ChatMessage } from '../state.ts'

/** What of a long conversation is sent. The newest turn and pinned ones always are. */
export interface MemoryPolicy {
  /** Tokens of history and new turn together. Default 64000. */
  readonly maxTokens?: number
  /** Of these, tokens kept free for the answer. Default 4096. */
  readonly reserveTokens?: number
  /** Turns that are sent however old they are. */
  readonly pin?: (message: ChatMessage) => boolean
  /** Says in few words what was left out; it goes before the history. When it fails, nothing stands in. */
  readonly summarize?: (dropped: readonly ChatMessage[]) => Promise<string>
}

/** Turns that are sent, and those that are not; both oldest first. */
export interface TurnSelection {
  readonly included: readonly ChatMessage[]
  readonly dropped: readonly ChatMessage[]
}

const defaults = { maxTokens: 64_000, reserveTokens: 4_096 }

/** Chooses from the newest turn back until the budget is used up. `false` sends everything. Never throws. */
export function selectTurns(
  turns: readonly ChatMessage[],
  policy: MemoryPolicy | false | undefined,
  tokensOf: (message: ChatMessage) => number,
): TurnSelection {
  if (policy === false) return { included: turns, dropped: [] }
  const { maxTokens, reserveTokens, pin } = { ...defaults, ...policy }
  const newest = turns.at(-1)
  const isPinned = (turn: ChatMessage): boolean => turn === newest || pin?.(turn) === true
  const pinned = new Set(turns.filter(isPinned))
  let left = maxTokens - reserveTokens
  for (const turn of pinned) left -= tokensOf(turn)

  const kept = new Set(pinned)
  for (const turn of [...turns].reverse()) {
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
