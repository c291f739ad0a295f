import type { Usage } from '../../events.ts'
import type { ChatMessage, SessionUsage } from '../state.ts'

const nothing: Usage = {
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  costUsd: undefined,
  estimated: false,
}

/** Sums what the answers of a conversation used, every branch included. An estimate in the sum labels the sum. */
export function sumUsage(messages: Iterable<ChatMessage>): SessionUsage {
  let total = nothing
  let turns = 0
  let estimatedTurns = 0
  const byModel: Record<string, Usage> = {}
  for (const { role, usage, model = 'unknown' } of messages) {
    if (!usage || role !== 'assistant') continue
    turns += 1
    if (usage.estimated) estimatedTurns += 1
    total = addUsage(total, usage)
    byModel[model] = addUsage(byModel[model] ?? nothing, usage)
  }
  return { ...total, turns, estimatedTurns, byModel }
}

function addUsage(sum: Usage, usage: Usage): Usage {
  return {
    promptTokens: sum.promptTokens + usage.promptTokens,
    completionTokens: sum.completionTokens + usage.completionTokens,
    totalTokens: sum.totalTokens + usage.totalTokens,
    costUsd: addCost(sum.costUsd, usage.costUsd),
    estimated: sum.estimated || usage.estimated,
  }
}

/** Adds dollars without the dust of binary fractions: in whole billionths. */
function addCost(sum: number | undefined, cost: number | undefined): number | undefined {
  if (sum === undefined || cost === undefined) return sum ?? cost
  return Math.round((sum + cost) * 1e9) / 1e9
}
